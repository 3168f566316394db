/**
 * The machine code that makes a system call as a C function of the number and six arguments, and gives what the kernel
 * gave: a result, or an errno as a negative number. Pure.
 *
 * syscall(2) of the C library leaves the errno in memory, where whatever happens before it is read (V8 collects garbage,
 * say) may write another: one wrong number in some 20,000 failing calls was seen.
 * Source: System V ABI for AMD64, appendix A; Procedure Call Standard for the Arm 64-bit Architecture; syscall(2).
 */

import { joinListing, type Listing } from "./program/listing.ts";

export const SYSCALL_X86_64: Listing = [
  ["48 89 f8", "mov rax, rdi", "the number"],
  ["48 89 f7", "mov rdi, rsi", "each argument moves up by one"],
  ["48 89 d6", "mov rsi, rdx", ""],
  ["48 89 ca", "mov rdx, rcx", ""],
  ["4d 89 c2", "mov r10, r8", "the kernel takes the fourth here: syscall overwrites rcx"],
  ["4d 89 c8", "mov r8, r9", ""],
  ["4c 8b 4c 24 08", "mov r9, [rsp+8]", "the seventh of a function lies behind its return address"],
  ["0f 05", "syscall", ""],
  ["c3", "ret", ""],
];

export const SYSCALL_AARCH64: Listing = [
  ["e8 03 00 aa", "mov x8, x0", "the number"],
  ["e0 03 01 aa", "mov x0, x1", "each argument moves up by one"],
  ["e1 03 02 aa", "mov x1, x2", ""],
  ["e2 03 03 aa", "mov x2, x3", ""],
  ["e3 03 04 aa", "mov x3, x4", ""],
  ["e4 03 05 aa", "mov x4, x5", ""],
  ["e5 03 06 aa", "mov x5, x6", ""],
  ["01 00 00 d4", "svc #0", ""],
  ["c0 03 5f d6", "ret", ""],
];

const LISTINGS = { x86_64: SYSCALL_X86_64, aarch64: SYSCALL_AARCH64 } as const;

/** Gives the code for a machine, by Deno's name for it. */
export function syscallCode(machine: keyof typeof LISTINGS): Uint8Array<ArrayBuffer> {
  return joinListing(LISTINGS[machine]);
}
