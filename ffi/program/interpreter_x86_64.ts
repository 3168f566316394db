/**
 * The interpreter of a kernel program for x86_64: 132 bytes that run one instruction after the other. Pure.
 * rbx holds the address of the current instruction. There is no stack, no heap and no way out but a system call.
 * Source: syscall(2), System V ABI for AMD64, appendix A (the kernel takes rdi rsi rdx r10 r8 r9, clobbers rcx r11).
 */

import { joinListing, type Listing } from "./listing.ts";

export const INTERPRETER_X86_64: Listing = [
  ["bb 20 00 80 00", "mov ebx, 0x800020", "start at the first instruction"],
  ["48 8b 7b 08", "next: mov rdi, [rbx+8]", "the six arguments, where the kernel looks for them"],
  ["48 8b 73 10", "mov rsi, [rbx+16]", ""],
  ["48 8b 53 18", "mov rdx, [rbx+24]", ""],
  ["4c 8b 53 20", "mov r10, [rbx+32]", ""],
  ["4c 8b 43 28", "mov r8, [rbx+40]", ""],
  ["4c 8b 4b 30", "mov r9, [rbx+48]", ""],
  ["48 8b 03", "mov rax, [rbx]", "the number of the call"],
  ["48 85 c0", "test rax, rax", ""],
  ["78 04", "js evaluate", "a negative number is not a call"],
  ["0f 05", "syscall", ""],
  ["eb 13", "jmp result", ""],
  ["48 8b 07", "evaluate: mov rax, [rdi]", "(word[a1] & a2) + word[a3] * a4 + a5"],
  ["48 21 f0", "and rax, rsi", ""],
  ["48 8b 0a", "mov rcx, [rdx]", ""],
  ["49 0f af ca", "imul rcx, r10", ""],
  ["48 01 c8", "add rax, rcx", ""],
  ["4c 01 c0", "add rax, r8", ""],
  ["48 8b 4b 48", "result: mov rcx, [rbx+72]", "keep the result where the instruction says"],
  ["48 85 c9", "test rcx, rcx", ""],
  ["74 03", "jz compare", ""],
  ["48 89 01", "mov [rcx], rax", ""],
  ["48 3d 01 f0 ff ff", "compare: cmp rax, -4095", "errors are the highest 4095 unsigned numbers"],
  ["73 19", "jae failed", ""],
  ["48 85 c0", "test rax, rax", ""],
  ["75 0e", "jnz advance", ""],
  ["48 8b 4b 40", "mov rcx, [rbx+64]", "the result is 0: somewhere to go?"],
  ["48 85 c9", "test rcx, rcx", ""],
  ["74 05", "jz advance", ""],
  ["48 89 cb", "jump: mov rbx, rcx", ""],
  ["eb a2", "jmp next", ""],
  ["48 83 c3 50", "advance: add rbx, 80", "the stride"],
  ["eb 9c", "jmp next", ""],
  ["48 8b 4b 38", "failed: mov rcx, [rbx+56]", "an error: somewhere to go?"],
  ["48 85 c9", "test rcx, rcx", ""],
  ["74 f1", "jz advance", ""],
  ["48 89 1c 25 00 00 80 00", "mov [0x800000], rbx", "write down which instruction failed"],
  ["48 89 04 25 08 00 80 00", "mov [0x800008], rax", "and with which errno"],
  ["eb da", "jmp jump", ""],
];

/** The machine code itself. */
export function codeX86_64(): Uint8Array<ArrayBuffer> {
  return joinListing(INTERPRETER_X86_64);
}
