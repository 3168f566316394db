/** Parses the names a container is called by: --name, --hostname, --label. Pure. */

import { CtrError } from "../errors.ts";

/** A file name ends at 255 bytes, and a container's name becomes one. */
const NAME_MAX = 255;
/** HOST_NAME_MAX of linux/utsname.h. */
const HOSTNAME_MAX = 64;
const LABEL_OF_HOSTNAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;

/**
 * Parses --name; the pattern is podman's.
 *
 * @throws {CtrError} code "usage"
 */
export function parseName(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text) && text.length <= NAME_MAX) return text;
  const problem = text.length > NAME_MAX ? `it is longer than ${NAME_MAX} bytes` : "it is no valid name";
  throw new CtrError("usage", `Cannot name a container ${JSON.stringify(text)}: ${problem}`, {
    hint: "Use letters, digits, _ . and -, and begin with a letter or digit",
  });
}

/**
 * Parses --hostname: words of letters, digits and hyphens, joined by dots; 64 bytes at most.
 *
 * @throws {CtrError} code "usage"
 */
export function parseHostname(text: string): string {
  const isValid = text.split(".").every((word) => LABEL_OF_HOSTNAME.test(word));
  if (isValid && text.length <= HOSTNAME_MAX) return text;
  const problem = isValid ? `it is longer than ${HOSTNAME_MAX} bytes` : "it is no valid host name";
  throw new CtrError("usage", `Cannot use hostname ${JSON.stringify(text)}: ${problem}`, {
    hint: "Use letters, digits, - and . as in web-1.example",
  });
}

/** A `--label`. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

/**
 * Parses `KEY=VALUE`, or `KEY` with an empty value.
 *
 * @throws {CtrError} code "usage"
 */
export function parseLabel(text: string): Label {
  const end = text.indexOf("=");
  const key = end < 0 ? text : text.slice(0, end);
  if (key !== "") return { key, value: end < 0 ? "" : text.slice(end + 1) };
  throw new CtrError("usage", `Cannot set label ${JSON.stringify(text)}: the key is empty`, {
    hint: "Write KEY=VALUE",
  });
}
