/** Parses `--ulimit TYPE=SOFT[:HARD]`. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import { type Rlimit, UNLIMITED } from "./types.ts";

/** Docker's names; `RLIMIT_` and a name in capitals is the kernel's, see getrlimit(2). */
const TYPES = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
] as const;

/**
 * Parses the value of --ulimit. One number is both limits; -1 and `unlimited` are none.
 *
 * @throws {CtrError} code "usage"
 */
export function parseUlimit(text: string): Rlimit {
  const fail = (problem: string, hint: string) =>
    new CtrError("usage", `Cannot use --ulimit ${JSON.stringify(text)}: ${problem}`, { hint });
  const form = 'Write TYPE=SOFT:HARD, as in "nofile=1024:4096"';
  if (text === "host") throw fail("there is no such type", "Name each limit that shall differ");
  const [, type = "", values] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (values === undefined) throw fail("the value is missing", form);
  if (!TYPES.some((each) => each === type)) {
    throw fail("there is no such type", didYouMean(type, TYPES, `Choose from ${TYPES.join(" ")}`));
  }
  const parts = values.split(":");
  if (parts.length > 2) throw fail("there are more than two limits", form);
  const [soft, hard = soft] = parts.map(parseLimit);
  if (soft === undefined || hard === undefined) throw fail("a limit is no number", form);
  if (soft > hard) throw fail("the soft limit is higher than the hard one", form);
  return { type: `RLIMIT_${type.toUpperCase()}`, soft, hard };
}

function parseLimit(text: string): number | undefined {
  if (text === "-1" || text === "unlimited") return UNLIMITED;
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** Returns the limits of a command line, of one type the last. */
export function joinUlimits(limits: readonly Rlimit[]): readonly Rlimit[] {
  return [...new Map(limits.map((limit) => [limit.type, limit])).values()];
}
