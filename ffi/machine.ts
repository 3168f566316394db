/** What differs between the machines that myctr runs on, for the one it runs on now. */

import { openFlags, type OpenFlagTable } from "./constants/open.ts";
import { type Arch, type SyscallName, SYSCALLS } from "./constants/syscalls.ts";

/** The machine that this process runs on. */
export const ARCH: Arch = Deno.build.arch;

/** open(2) flags of this machine: use these for calls, the table in constants/ for plans. */
export const O: OpenFlagTable = openFlags(ARCH);

/** Gives the number of a system call on this machine, as syscall(2) takes it. */
export function syscallNumber(name: SyscallName): bigint {
  return BigInt(SYSCALLS[name][ARCH]);
}
