/** When a container that has ended is started again, with docker's words, rules and times. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";

/** What follows an end. */
export interface RestartPolicy {
  readonly name: "no" | "on-failure" | "always" | "unless-stopped";
  /** Of `on-failure`: how often at most; absent: as often as it fails. */
  readonly maximum?: number;
}

/** In the order of help and completion. */
export const RESTART_POLICIES = ["no", "on-failure", "always", "unless-stopped"] as const;

const EXAMPLES = `Write ${RESTART_POLICIES.join(", ")}, or on-failure:3 for at most three times`;

/** Parses `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`. @throws {CtrError} code "usage" */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [word = "", number] = text.split(/:(.*)/s);
  // Podman's other word for it.
  const name = word === "never" ? "no" : RESTART_POLICIES.find((each) => each === word);
  if (name === undefined) {
    throw bad(text, "there is no such policy", didYouMean(word, RESTART_POLICIES, EXAMPLES));
  }
  if (number === undefined) return { name };
  if (name !== "on-failure") throw bad(text, `${JSON.stringify(name)} takes no number`, EXAMPLES);
  if (!/^\d{1,9}$/.test(number)) throw bad(text, "there is no whole number behind the colon", EXAMPLES);
  // Docker's 0 is without a bound.
  return number === "0" ? { name } : { name, maximum: Number(number) };
}

function bad(text: string, problem: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use restart policy ${JSON.stringify(text)}: ${problem}`, { hint });
}

/** An end, and what went before it. */
export interface End {
  readonly exitCode: number;
  /** How long it ran, in milliseconds. */
  readonly ranMs: number;
  /** How often it has been started again since a user started it. */
  readonly count: number;
  /** What was waited before this start; absent: it was a user's. */
  readonly delayMs?: number;
}

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 60_000;
/** Who has run so long is not in a loop of failures. */
const GOOD_RUN_MS = 10_000;

/** Gives what is waited before the next start, in milliseconds; undefined where there is none. */
export function delayAfter({ name, maximum = Infinity }: RestartPolicy, end: End): number | undefined {
  if (name === "no") return undefined;
  if (name === "on-failure" && (end.exitCode === 0 || end.count >= maximum)) return undefined;
  if (end.delayMs === undefined || end.ranMs >= GOOD_RUN_MS) return FIRST_DELAY_MS;
  return Math.min(end.delayMs * 2, LAST_DELAY_MS);
}
