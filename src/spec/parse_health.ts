/** Parses what the flags of health checks take. Pure. */

import { CtrError } from "../errors.ts";
import { ON_FAILURE, type OnFailure } from "./healthcheck.ts";
import { didYouMean } from "./nearest.ts";
import { maybeDurationNs } from "./parse_time.ts";
import { maybeWordList } from "./word_list.ts";

/**
 * Parses --health-cmd: a line for a shell, a list of words in JSON as podman takes it, or `none`.
 *
 * @throws {CtrError} code "usage"
 */
export function parseHealthCommand(text: string): readonly string[] {
  if (text.trim() === "") throw bad("--health-cmd", text, "there is no command", 'Write "none" for no check');
  if (text === "none") return ["NONE"];
  const words = maybeWordList(text);
  if (words === undefined) return ["CMD-SHELL", text];
  const [first, ...rest] = words;
  if (first === "NONE" || first !== undefined && /^CMD(-SHELL)?$/.test(first) && rest.length > 0) {
    return words;
  }
  if (first === undefined) {
    throw bad("--health-cmd", text, "there is no command", 'Write "none" for no check');
  }
  return ["CMD", ...words];
}

/** Parses a duration as docker writes it, such as `1m30s`; 0 is the default. In milliseconds. @throws {CtrError} code "usage" */
export function parseHealthTime(flag: string): (text: string) => number {
  return (text) => {
    const ns = maybeDurationNs(text);
    const hint = "Write for example 500ms, 30s or 1m30s";
    if (ns === undefined) throw bad(flag, text, "it is no duration", hint);
    if (ns < 0) throw bad(flag, text, "it is less than nothing", hint);
    if (ns > 0 && ns < 1e6) throw bad(flag, text, "it is less than a millisecond", hint);
    if (ns > MAX_NS) throw bad(flag, text, "it is more than 68 years", hint);
    return Math.round(ns / 1e6);
  };
}

const MAX_NS = 0x7fff_ffff * 1e9;

/** Parses --health-retries: a number; 0 is the default. @throws {CtrError} code "usage" */
export function parseHealthRetries(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw bad(
    "--health-retries",
    text,
    "it is no whole number",
    "Write how many failures in a row make it unhealthy",
  );
}

/** Parses --health-on-failure. @throws {CtrError} code "usage" */
export function parseOnFailure(text: string): OnFailure {
  const found = ON_FAILURE.find((each) => each === text);
  if (found !== undefined) return found;
  throw bad(
    "--health-on-failure",
    text,
    "there is no such action",
    didYouMean(text, ON_FAILURE, `Write ${ON_FAILURE.join(", ")}`),
  );
}

function bad(flag: string, text: string, problem: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use ${flag} ${JSON.stringify(text)}: ${problem}`, { hint });
}
