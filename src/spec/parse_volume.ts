/** Parses `-v [SOURCE:]DESTINATION[:OPTION,…]` and `--volumes-from`. Pure. */

import { CtrError } from "../errors.ts";
import {
  type FlagError,
  mountError,
  parseDestination,
  PROPAGATION_WORDS,
  refuseContradictions,
} from "./mount_options.ts";
import { didYouMean } from "./nearest.ts";
import type { MountRequest, VolumesFrom } from "./request.ts";

const ACCESS = ["ro", "rw"] as const;
const DEPTH = ["bind", "rbind"] as const;
const PROHIBITIONS = ["nosuid", "nodev", "noexec"] as const;
/** SELinux: relabel the source for containers. Ours run with the caller's label, which may read it as it is. */
const RELABEL = ["z", "Z"] as const;
/** For volumes alone: what the image has there is not copied. */
const NOCOPY = "nocopy";
const VOLUME_WORDS: readonly string[] = [...ACCESS, ...RELABEL, NOCOPY];
const VOLUME_NAME = /^[A-Za-z0-9][\w.-]*$/;
const WORDS: readonly string[] = [...ACCESS, ...DEPTH, ...PROHIBITIONS, ...PROPAGATION_WORDS, ...RELABEL];
const GROUPS = [ACCESS, DEPTH, PROPAGATION_WORDS, RELABEL];
const FORM = "Write HOST-PATH:CONTAINER-PATH or NAME:CONTAINER-PATH, with :ro behind it for a read-only one";

/**
 * Parses the value of -v. A source that begins with `.`, `/` or `~` is a path; it may be relative. Another one is the name
 * of a volume; without one the volume has no name. Whether it is there is not looked at.
 *
 * @throws {CtrError} code "usage"
 */
export function parseVolume(text: string): MountRequest {
  const fail = mountError("volume", text);
  const parts = text.split(":");
  if (parts.length > 3) throw fail("there are more than three parts", "Use --mount for a path with a colon");
  const [source = "", destination, options] = parts.length === 1 ? ["", ...parts] : parts;
  if (parts.length > 1 && source === "" || !destination) throw fail("a path is empty", FORM);
  const place = parseDestination(destination, fail);
  if (/^[./~]/.test(source)) {
    if (/^~[^/]/.test(source)) {
      throw fail("the home of another user is not looked up", "Write the path itself");
    }
    const words = options === undefined ? ["rbind", "rprivate"] : parseOptions(options, fail);
    return { destination: place, type: "bind", source, options: words };
  }
  if (source !== "") refuseName(source, fail);
  return {
    destination: place,
    type: "volume",
    source,
    options: options === undefined ? [] : parseVolumeOptions(options, fail),
  };
}

function refuseName(name: string, fail: FlagError): void {
  if (VOLUME_NAME.test(name)) return;
  throw fail(
    `${JSON.stringify(name)} is neither a path nor the name of a volume`,
    "Begin a path with / or ./; a name has letters, digits and _ . - alone",
  );
}

/** Parses the name of a volume that is to be made. @throws {CtrError} code "usage" */
export function parseVolumeName(text: string): string {
  if (VOLUME_NAME.test(text)) return text;
  throw new CtrError("usage", `Cannot name a volume ${JSON.stringify(text)}: it has other characters`, {
    hint: "Use letters, digits and _ . - and begin with a letter or digit",
  });
}

/** Parses the value of --volumes-from. @throws {CtrError} code "usage" */
export function parseVolumesFrom(text: string): VolumesFrom {
  const [, container = "", access = "rw"] = /^([^:]+)(?::(.*))?$/.exec(text) ?? [];
  const isKnown = ["ro", "rw", "z", "Z"].includes(access);
  if (container !== "" && isKnown) return { container, isReadOnly: access === "ro" };
  throw new CtrError("usage", `Cannot use --volumes-from ${JSON.stringify(text)}: it is not CONTAINER[:ro]`, {
    hint: "Write the name of a container, with :ro behind it where nothing shall be changed",
  });
}

function parseVolumeOptions(text: string, fail: FlagError): readonly string[] {
  const words = text.split(",");
  const unknown = words.find((word) => !VOLUME_WORDS.includes(word));
  if (unknown !== undefined) {
    throw fail(
      `a volume has no option ${JSON.stringify(unknown)}`,
      didYouMean(unknown, VOLUME_WORDS, `Choose from ${VOLUME_WORDS.join(" ")}`),
    );
  }
  refuseContradictions(words, { groups: [ACCESS, RELABEL], fail });
  return words.filter((word) => word === "ro" || word === NOCOPY);
}

function parseOptions(text: string, fail: FlagError): readonly string[] {
  const words = text.split(",");
  const unknown = words.find((word) => !WORDS.includes(word));
  if (unknown !== undefined) {
    throw fail(
      `there is no option ${JSON.stringify(unknown)}`,
      didYouMean(unknown, WORDS, `Choose from ${WORDS.join(" ")}`),
    );
  }
  refuseContradictions(words, { groups: GROUPS, fail });
  return [
    words.includes("bind") ? "bind" : "rbind",
    PROPAGATION_WORDS.find((word) => words.includes(word)) ?? "rprivate",
    ...(words.includes("ro") ? ["ro"] : []),
    ...PROHIBITIONS.filter((word) => words.includes(word)),
  ];
}
