/** Parses the name or number of a signal. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";

/** By number, from 1. Source: include/uapi/asm-generic/signal.h; alike on x86_64 and aarch64. */
const NAMES: readonly string[] =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP " +
    "TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

/** Second names. */
const ALIASES: Readonly<Record<string, number>> = { IOT: 6, CLD: 17, POLL: 29 };

/** As the C library counts; the two before are its own. */
const RTMIN = 34;
const RTMAX = 64;

/**
 * Parses `SIGTERM`, `term`, `15`, `RTMIN+3`, `RTMAX-1`: gives the number.
 *
 * @throws {CtrError} code "usage"
 */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = /^[0-9]+$/.test(text) ? Number(text) : maybeNumber(name);
  if (number !== undefined && number >= 1 && number <= RTMAX) return number;
  throw new CtrError("usage", `Cannot use signal ${JSON.stringify(text)}: there is no such signal`, {
    hint: didYouMean(name, NAMES, `Write a name such as TERM or RTMIN+3, or a number from 1 to ${RTMAX}`),
  });
}

/** Renders a signal's name, such as `SIGKILL`. */
export function signalName(number: number): string {
  const name = NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  return number === RTMIN ? "SIGRTMIN" : `SIGRTMIN${number > RTMIN ? "+" : ""}${number - RTMIN}`;
}

function maybeNumber(name: string): number | undefined {
  const index = NAMES.indexOf(name);
  if (index >= 0) return index + 1;
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name];
  const realTime = /^RT(?:MIN(?:\+(\d{1,2}))?|MAX(?:-(\d{1,2}))?)$/.exec(name);
  if (realTime === null) return undefined;
  const [, above = "0", below = "0"] = realTime;
  const number = name.startsWith("RTMIN") ? RTMIN + Number(above) : RTMAX - Number(below);
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}
