/** Every system call of ours through one symbol: syscall(2) of the C library. The wrappers around this keep the types. */

import type { SyscallName } from "./constants/syscalls.ts";
import { compile, libc } from "./libc.ts";
import { syscallNumber } from "./machine.ts";

/** An argument: a number, or memory that the kernel reads or writes during the call. */
export type SyscallArgument = number | bigint | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | null;

/** From here on a trampoline has paid. See libc.ts. */
const MANY = 200;
let made = 0;

/**
 * Makes a system call, blocking; gives its result, -1 where it failed: wrap it in outcome() in the same expression.
 *
 * @see syscall(2)
 */
export function syscall(name: SyscallName, ...args: readonly SyscallArgument[]): number {
  if (++made === MANY) compile("syscall");
  const word = (index: number) => wordOf(args[index] ?? 0);
  return Number(libc.syscall(syscallNumber(name), word(0), word(1), word(2), word(3), word(4), word(5)));
}

function wordOf(argument: SyscallArgument): bigint {
  if (argument === null) return 0n;
  if (typeof argument === "object") {
    // SAFETY: the memory of an ArrayBuffer does not move, and `args` holds it until the call is over.
    return Deno.UnsafePointer.value(Deno.UnsafePointer.of(argument));
  }
  return BigInt(argument);
}
