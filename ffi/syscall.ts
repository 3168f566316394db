/** Every system call of ours: by name, with numbers and memory as arguments. The wrappers around this keep the types. */

import type { SyscallName } from "./constants/syscalls.ts";
import { rawSyscall, rawSyscallElsewhere } from "./libc.ts";
import { syscallNumber } from "./machine.ts";

/** An argument: a number, or memory that the kernel reads or writes during the call. */
export type SyscallArgument = number | bigint | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer> | null;

/**
 * Makes a system call, blocking; gives its result, or its errno as a negative number: see outcome().
 *
 * @see syscall(2)
 */
export function syscall(
  name: SyscallName,
  a: SyscallArgument = 0,
  b: SyscallArgument = 0,
  c: SyscallArgument = 0,
  d: SyscallArgument = 0,
  e: SyscallArgument = 0,
  f: SyscallArgument = 0,
): number {
  // Six names, and no list: without a compiler that is a third of the time of a call.
  const number = syscallNumber(name);
  return Number(rawSyscall(number, wordOf(a), wordOf(b), wordOf(c), wordOf(d), wordOf(e), wordOf(f)));
}

/** Memory of calls that are under way on other threads. */
const inUse = new Set<readonly SyscallArgument[]>();

/**
 * Makes a system call on another thread, so that the event loop goes on; result as of {@linkcode syscall}.
 *
 * Holds one of about 30 threads. Descriptors that it uses must stay open until then.
 */
export async function syscallAsync(name: SyscallName, ...args: readonly SyscallArgument[]): Promise<number> {
  inUse.add(args);
  try {
    const word = (index: number) => wordOf(args[index] ?? 0);
    return Number(
      await rawSyscallElsewhere(syscallNumber(name), word(0), word(1), word(2), word(3), word(4), word(5)),
    );
  } finally {
    inUse.delete(args);
  }
}

function wordOf(argument: SyscallArgument): bigint {
  if (typeof argument === "number") return BigInt(argument);
  if (argument === null) return 0n;
  if (typeof argument === "object") {
    // SAFETY: the memory of an ArrayBuffer does not move, and `args` holds it until the call is over.
    return Deno.UnsafePointer.value(Deno.UnsafePointer.of(argument));
  }
  return argument;
}
