/** How much memory processes take, in KiB, as the kernel tells it; 0 for one that has ended. */

import { readIfThere } from "../setup/needs.ts";

/** What a process takes now, of shared pages its part. */
export function pssOf(pid: number): number {
  return numberIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m);
}

/** The most that one process has had in memory, shared pages included. */
export function peakOf(pid: number): number {
  return numberIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+) kB/m);
}

/** A number in a file, behind what the pattern has before its group. */
export function numberIn(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readIfThere(path))?.[1] ?? 0);
}
