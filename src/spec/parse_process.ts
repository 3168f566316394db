/** Parses settings of the container's process: --oom-score-adj, --umask, --group-add. Pure. */

import { CtrError } from "../errors.ts";
import { isDigits, maybeId } from "./parse_id.ts";

/** OOM_SCORE_ADJ_MAX of linux/oom.h. */
const OOM_SCORE_MAX = 1000;
/** What the kernel keeps of a mask: umask(2). */
const UMASK_MAX = 0o777;

/**
 * Parses --oom-score-adj.
 *
 * @throws {CtrError} code "usage"
 */
export function parseOomScore(text: string): number {
  const score = Number(text);
  if (/^[+-]?\d+$/.test(text) && Math.abs(score) <= OOM_SCORE_MAX) return score;
  throw new CtrError("usage", `Cannot use --oom-score-adj ${JSON.stringify(text)}: it is out of range`, {
    hint: "Write a number from -1000 (never killed) to 1000 (killed first)",
  });
}

/**
 * Parses --umask.
 *
 * @throws {CtrError} code "usage"
 */
export function parseUmask(text: string): number {
  const mask = parseInt(text, 8);
  if (/^[0-7]{1,4}$/.test(text) && mask <= UMASK_MAX) return mask;
  throw new CtrError("usage", `Cannot use --umask ${JSON.stringify(text)}: it is no mask of permissions`, {
    hint: "Write octal digits up to 0777, as in 0022",
  });
}

/**
 * Parses --group-add; whether a name is in the container's /etc/group, only that file tells.
 *
 * @throws {CtrError} code "usage", or "unsupported" for podman's keep-groups
 */
export function parseGroupName(text: string): string {
  const fail = (code: "usage" | "unsupported", problem: string, hint: string) =>
    new CtrError(code, `Cannot add group ${JSON.stringify(text)}: ${problem}`, { hint });
  if (text === "keep-groups") {
    const hint = "Name the groups of the container, or map yours with --gidmap";
    throw fail("unsupported", "your groups have no ids in the container", hint);
  }
  if (isDigits(text) && maybeId(text) === undefined) {
    throw fail("usage", "the id is beyond 4294967294", "Write a smaller number");
  }
  if (/^[^\s:,\p{Cc}]+$/u.test(text)) return text;
  throw fail("usage", "it is no valid name", "Write one name or number, and --group-add again for another");
}
