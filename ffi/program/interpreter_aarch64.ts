/**
 * The interpreter of a kernel program for aarch64: 120 bytes that run one instruction after the other. Pure.
 * x19 holds the address of the current instruction, x20 that of the fault words; the kernel keeps both. There is no
 * stack, no heap and no way out but a system call.
 * Source: syscall(2), arch/arm64/kernel/entry.S (the kernel takes x0 to x5 and the number in x8, and gives x0).
 */

import { joinListing, type Listing } from "./listing.ts";

export const INTERPRETER_AARCH64: Listing = [
  ["14 10 a0 d2", "movz x20, #0x80, lsl #16", "the fault words, at 0x800000"],
  ["93 82 00 91", "add x19, x20, #32", "start at the first instruction"],
  ["68 02 40 a9", "next: ldp x8, x0, [x19]", "the number of the call, and the six arguments"],
  ["61 0a 41 a9", "ldp x1, x2, [x19, #16]", ""],
  ["63 12 42 a9", "ldp x3, x4, [x19, #32]", ""],
  ["65 1a 40 f9", "ldr x5, [x19, #48]", ""],
  ["68 00 f8 b7", "tbnz x8, #63, evaluate", "a negative number is not a call"],
  ["01 00 00 d4", "svc #0", ""],
  ["06 00 00 14", "b result", ""],
  ["00 00 40 f9", "evaluate: ldr x0, [x0]", "(word[a1] & a2) + word[a3] * a4 + a5"],
  ["00 00 01 8a", "and x0, x0, x1", ""],
  ["42 00 40 f9", "ldr x2, [x2]", ""],
  ["40 00 03 9b", "madd x0, x2, x3, x0", ""],
  ["00 00 04 8b", "add x0, x0, x4", ""],
  ["69 26 40 f9", "result: ldr x9, [x19, #72]", "keep the result where the instruction says"],
  ["49 00 00 b4", "cbz x9, compare", ""],
  ["20 01 00 f9", "str x0, [x9]", ""],
  ["1f fc 3f b1", "compare: cmn x0, #4095", "errors are the highest 4095 unsigned numbers: these carry"],
  ["02 01 00 54", "b.hs failed", ""],
  ["a0 00 00 b5", "cbnz x0, advance", ""],
  ["69 22 40 f9", "ldr x9, [x19, #64]", "the result is 0: somewhere to go?"],
  ["69 00 00 b4", "cbz x9, advance", ""],
  ["f3 03 09 aa", "jump: mov x19, x9", ""],
  ["eb ff ff 17", "b next", ""],
  ["73 42 01 91", "advance: add x19, x19, #80", "the stride"],
  ["e9 ff ff 17", "b next", ""],
  ["69 1e 40 f9", "failed: ldr x9, [x19, #56]", "an error: somewhere to go?"],
  ["a9 ff ff b4", "cbz x9, advance", ""],
  ["93 02 00 a9", "stp x19, x0, [x20]", "write down which instruction failed, and with which errno"],
  ["f9 ff ff 17", "b jump", ""],
];

/** The machine code itself. */
export function codeAarch64(): Uint8Array<ArrayBuffer> {
  return joinListing(INTERPRETER_AARCH64);
}
