/** Parses times in whole seconds: --timeout, --stop-timeout. Pure. */

import { CtrError } from "../errors.ts";

/** 68 years: more is a mistake, and would not fit everywhere. */
const SECONDS_MAX = 0x7fff_ffff;

/**
 * Parses --timeout: whole seconds; 0 is none, as with podman.
 *
 * @throws {CtrError} code "usage"
 */
export function parseTimeout(text: string): number {
  return parseSeconds(text, "timeout");
}

/**
 * Parses --stop-timeout: whole seconds, -1 for ever.
 *
 * @throws {CtrError} code "usage"
 */
export function parseStopTimeout(text: string): number {
  return text === "-1" ? -1 : parseSeconds(text, "stop timeout", ", or -1 to wait for ever");
}

function parseSeconds(text: string, what: string, more = ""): number {
  const seconds = /^[0-9]+$/.test(text) ? Number(text) : NaN;
  if (seconds <= SECONDS_MAX) return seconds;
  const problem = seconds > SECONDS_MAX ? `it is more than ${SECONDS_MAX}` : "it is no whole number";
  throw new CtrError("usage", `Cannot use ${what} ${JSON.stringify(text)}: ${problem}`, {
    hint: `Write a number of seconds${more}`,
  });
}
