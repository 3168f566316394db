/** Reads the caller's own limits, and refuses what can't be set. */

import { CAP, RLIM_INFINITY, RLIMIT } from "../../ffi/constants/process.ts";
import { readLimit } from "../../ffi/process.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { type Rlimit, UNLIMITED } from "../spec/types.ts";

/**
 * Reads the hard limits of the types that are asked for.
 *
 * @throws {CtrError} code "unsupported" for a limit that only another caller could raise so far
 */
export function readHardLimits(
  limits: readonly Rlimit[],
  ownCapabilities: readonly number[],
): Record<string, number> {
  const hardLimits: Record<string, number> = {};
  const canRaise = Deno.uid() === 0 && ownCapabilities.includes(CAP.CAP_SYS_RESOURCE);
  for (const { type, hard } of limits) {
    const own = unwrap(readLimit(RLIMIT[type as keyof typeof RLIMIT]), "read a limit").hard;
    hardLimits[type] = own === RLIM_INFINITY ? UNLIMITED : Number(own);
    if (hard > hardLimits[type] && !canRaise) throw tooHigh(type, hard, hardLimits[type]);
  }
  return hardLimits;
}

function tooHigh(type: string, hard: number, own: number): CtrError {
  const name = type.slice("RLIMIT_".length).toLowerCase();
  const wanted = hard >= UNLIMITED ? "unlimited" : hard;
  return new CtrError(
    "unsupported",
    `Cannot raise limit ${name} to ${wanted}: yours is ${own}, and raising it needs CAP_SYS_RESOURCE`,
    { hint: `Ask for ${own} at most, or raise your own limit first` },
  );
}
