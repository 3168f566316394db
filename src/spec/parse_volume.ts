/** Parses `-v HOST:CONTAINER[:OPTION,…]`. Pure. */

import { CtrError } from "../errors.ts";
import {
  type FlagError,
  mountError,
  parseDestination,
  PROPAGATION_WORDS,
  refuseContradictions,
} from "./mount_options.ts";
import { didYouMean } from "./nearest.ts";
import type { MountRequest } from "./request.ts";

const ACCESS = ["ro", "rw"] as const;
const DEPTH = ["bind", "rbind"] as const;
const PROHIBITIONS = ["nosuid", "nodev", "noexec"] as const;
/** SELinux: relabel the source for containers. Ours run with the caller's label, which may read it as it is. */
const RELABEL = ["z", "Z"] as const;
const WORDS: readonly string[] = [...ACCESS, ...DEPTH, ...PROHIBITIONS, ...PROPAGATION_WORDS, ...RELABEL];
const GROUPS = [ACCESS, DEPTH, PROPAGATION_WORDS, RELABEL];
const FORM = "Write HOST-PATH:CONTAINER-PATH, with :ro behind it for a read-only one";

/**
 * Parses the value of -v. A source that begins with `.`, `/` or `~` is a path; it may be relative. Whether it is
 * there is not looked at.
 *
 * @throws {CtrError} code "usage", or "unsupported" for volumes by name
 */
export function parseVolume(text: string): MountRequest {
  const fail = mountError("volume", text);
  const parts = text.split(":");
  const [source = "", destination, options] = parts;
  if (parts.length > 3) throw fail("there are more than three parts", "Use --mount for a path with a colon");
  if (source === "" || destination === "") throw fail("a path is empty", FORM);
  if (destination === undefined) throw unsupported(text, "volumes without a source are not there yet");
  refuseName(source, text);
  return {
    destination: parseDestination(destination, fail),
    type: "bind",
    source,
    options: options === undefined ? ["rbind", "rprivate"] : parseOptions(options, fail),
  };
}

function refuseName(source: string, text: string): void {
  if (!/^[./~]/.test(source)) throw unsupported(text, "volumes by name are not there yet");
  if (/^~[^/]/.test(source)) {
    throw mountError("volume", text)("the home of another user is not looked up", "Write the path itself");
  }
}

function unsupported(text: string, problem: string): CtrError {
  return new CtrError("unsupported", `Cannot use volume ${JSON.stringify(text)}: ${problem}`, { hint: FORM });
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
