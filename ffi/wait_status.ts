/**
 * The status word that wait(2) gives.
 * Pure. Source: include/uapi/linux/wait.h and wait(2).
 */

/** How a process ended. */
export type Ending =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: number; readonly hasCore: boolean };

/** Reads a status word of a process that ended. */
export function decodeWaitStatus(status: number): Ending {
  const signal = status & 0x7f;
  if (signal === 0) return { kind: "exited", code: (status >> 8) & 0xff };
  return { kind: "signaled", signal, hasCore: (status & 0x80) !== 0 };
}

/** Gives the exit code that shells and docker show: the process's own, or 128 + its signal. */
export function exitCodeOf(status: number): number {
  const ending = decodeWaitStatus(status);
  return ending.kind === "exited" ? ending.code : 128 + ending.signal;
}
