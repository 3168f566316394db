/** Parses the names a container is called by: --name, --hostname, --domainname, --label, --annotation. Pure. */

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
  return parseUtsName(text, "hostname");
}

function parseUtsName(text: string, what: string): string {
  const isValid = text.split(".").every((word) => LABEL_OF_HOSTNAME.test(word));
  if (isValid && text.length <= HOSTNAME_MAX) return text;
  const problem = isValid
    ? `it is longer than ${HOSTNAME_MAX} bytes`
    : `it is no valid ${what === "hostname" ? "host name" : what}`;
  throw new CtrError("usage", `Cannot use ${what} ${JSON.stringify(text)}: ${problem}`, {
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

/** Keys of annotations that are myctr's own. */
const OWN_KEYS = "dev.myctr.";

/**
 * Parses --annotation: as a label, but for the keys that myctr itself writes.
 *
 * @throws {CtrError} code "usage"
 */
export function parseAnnotation(text: string): Label {
  const end = text.indexOf("=");
  const key = end < 0 ? text : text.slice(0, end);
  const problem = key === ""
    ? "the key is empty"
    : key.startsWith(OWN_KEYS)
    ? `keys that begin with ${OWN_KEYS} are myctr's own`
    : undefined;
  if (problem === undefined) return { key, value: end < 0 ? "" : text.slice(end + 1) };
  throw new CtrError("usage", `Cannot set annotation ${JSON.stringify(text)}: ${problem}`, {
    hint: "Write KEY=VALUE, with a key such as org.example.owner",
  });
}

/**
 * Parses --domainname: as a host name; the kernel's limit is the same.
 *
 * @throws {CtrError} code "usage"
 */
export function parseDomainname(text: string): string {
  return parseUtsName(text, "domain name");
}
