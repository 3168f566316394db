/** Who is told of the programs that are started: nobody, or `--debug`. */

import type { EncodedPlan } from "./encode_plan.ts";

let observer: ((encoded: EncodedPlan) => void) | undefined;

/** Has every program from now on shown to `tell`. */
export function observeLaunches(tell: (encoded: EncodedPlan) => void): void {
  observer = tell;
}

/** Whether somebody is told. */
export function isObserved(): boolean {
  return observer !== undefined;
}

/** Tells of a program that is about to start. */
export function tellLaunch(encoded: EncodedPlan): void {
  observer?.(encoded);
}
