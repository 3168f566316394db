/** Tests of the instruction's layout: the interpreter's machine code depends on each number here. */

import { deepEqual, equal } from "node:assert/strict";
import { Assembler } from "./assembler.ts";
import {
  ARGUMENT_OFFSET,
  disassemble,
  EVALUATE,
  instructionAddress,
  instructionIndex,
  LAYOUT,
  putWord,
  STRIDE,
  takeWord,
  type Word,
  WORDS,
} from "./instruction.ts";

const ARGS = [1, -2, 0x1_0000_0003, 4n << 60n, 5, -6];

/** Two instructions alike: on an error they go to the second, on zero to the first. */
function twoSamples(): Uint8Array<ArrayBuffer> {
  const assembler = new Assembler();
  assembler.label("first");
  assembler.emit(0x1122, ARGS, { onError: "second", onZero: "first", store: LAYOUT.buffers + 8 });
  assembler.label("second");
  assembler.emit(0x1122, ARGS, { onError: "second", onZero: "first", store: LAYOUT.buffers + 8 });
  return assembler.link().table;
}

const PINNED = [
  { name: "WORDS", value: WORDS, pinned: 10 },
  { name: "STRIDE", value: STRIDE, pinned: 80 },
  { name: "the first argument", value: ARGUMENT_OFFSET(0), pinned: 8 },
  { name: "the last argument", value: ARGUMENT_OFFSET(5), pinned: 48 },
  { name: "the fault words", value: LAYOUT.fault, pinned: 0x800000 },
  { name: "the zero word", value: LAYOUT.zero, pinned: 0x800010 },
  { name: "the first instruction", value: LAYOUT.instructions, pinned: 0x800020 },
  { name: "the third instruction", value: instructionAddress(2), pinned: 0x8000c0 },
] as const;

for (const { name, value, pinned } of PINNED) {
  Deno.test(`instruction: ${name} is 0x${pinned.toString(16)}`, () => {
    equal(value, pinned);
  });
}

/** What stands in each word of the second instruction. */
const OFFSETS = [
  { at: 0, what: "number", word: 0x1122n },
  { at: 8, what: "argument 1", word: 1n },
  { at: 16, what: "argument 2", word: -2n },
  { at: 24, what: "argument 3", word: 0x1_0000_0003n },
  { at: 32, what: "argument 4", word: 4n << 60n },
  { at: 40, what: "argument 5", word: 5n },
  { at: 48, what: "argument 6", word: -6n },
  { at: 56, what: "where errors go", word: BigInt(LAYOUT.instructions + 80) },
  { at: 64, what: "where zeros go", word: BigInt(LAYOUT.instructions) },
  { at: 72, what: "where the result goes", word: BigInt(LAYOUT.buffers + 8) },
] as const;

for (const { at, what, word } of OFFSETS) {
  Deno.test(`a program has ${what} of an instruction at its byte ${at}`, () => {
    equal(new DataView(twoSamples().buffer).getBigInt64(0x20 + 80 + at, true), word);
  });
}

Deno.test("a program's table begins with fault words and a zero word that are 0", () => {
  const table = twoSamples();
  deepEqual([table.length, table.slice(0, 0x20).every((byte) => byte === 0)], [0x20 + 160, true]);
});

Deno.test("disassemble() reads what was emitted", () => {
  const sample = {
    number: 0x1122,
    args: ARGS,
    onError: instructionAddress(1),
    onZero: instructionAddress(0),
    store: LAYOUT.buffers + 8,
  };
  deepEqual(disassemble({ table: twoSamples() }), [sample, sample]);
  deepEqual(disassemble(new Assembler().link()), []);
});

Deno.test("instructionIndex() is the way back from instructionAddress()", () => {
  deepEqual([0, 1, 999].map((index) => instructionIndex(instructionAddress(index))), [0, 1, 999]);
});

const EXACT: readonly Word[] = [
  0,
  1,
  -1,
  -4095,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_ffff,
  0x1_0000_0000,
  -0x8000_0000,
  -0x8000_0001,
  -0x1_0000_0000,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  (1n << 63n) - 1n,
  -(1n << 63n),
];

for (const value of EXACT) {
  Deno.test(`putWord() and takeWord() keep ${value}`, () => {
    const view = new DataView(new ArrayBuffer(24));
    putWord(view, 8, value);
    deepEqual([takeWord(view, 8), takeWord(view, 0), takeWord(view, 16)], [value, 0, 0]);
  });

  Deno.test(`a program keeps ${value} as an argument`, () => {
    const assembler = new Assembler();
    assembler.emit(EVALUATE, [value, 0, 0, 0, 0, value]);
    deepEqual(disassemble(assembler.link())[0]!.args, [value, 0, 0, 0, 0, value]);
  });
}

Deno.test("putWord() takes 64 bits without a sign as those of the negative number", () => {
  const view = new DataView(new ArrayBuffer(8));
  putWord(view, 0, 0xffff_ffff_ffff_fffen);
  equal(takeWord(view, 0), -2);
});
