/** Tests of Assembler: what it emits for copies, sums, results and labels, and where it lays down data. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { Assembler } from "./assembler.ts";
import {
  ARGUMENT_OFFSET,
  disassemble,
  EVALUATE,
  type Instruction,
  instructionAddress,
  LAYOUT,
} from "./instruction.ts";

/** What was emitted last: without what is 0. */
function emitted(write: (assembler: Assembler) => void): Partial<Instruction>[] {
  const assembler = new Assembler();
  write(assembler);
  return disassemble(assembler.link()).map((instruction) =>
    Object.fromEntries(Object.entries(instruction).filter(([, value]) => value !== 0))
  );
}

const EMITTED: readonly {
  readonly name: string;
  readonly write: (assembler: Assembler) => void;
  readonly instructions: readonly Partial<Instruction>[];
}[] = [
  {
    name: "a call without arguments",
    write: (a) => a.emit(39, []),
    instructions: [{ number: 39, args: [0, 0, 0, 0, 0, 0] }],
  },
  {
    name: "a call whose result is stored",
    write: (a) => a.emit(39, [1, 2n, -3], { store: LAYOUT.buffers }),
    instructions: [{ number: 39, args: [1, 2n, -3, 0, 0, 0], store: LAYOUT.buffers }],
  },
  {
    name: "a copy",
    write: (a) => a.copy({ address: 0x100 }, 0x200),
    instructions: [{ number: EVALUATE, args: [0x100, -1, LAYOUT.zero, 0, 0, 0], store: 0x200 }],
  },
  {
    name: "a copy of some bits, with an addend",
    write: (a) => a.copy({ address: 0x100, mask: 0xff }, 0x200, 7),
    instructions: [{ number: EVALUATE, args: [0x100, 0xff, LAYOUT.zero, 0, 7, 0], store: 0x200 }],
  },
  {
    name: "a comparison: a copy to nowhere",
    write(a) {
      a.label("here");
      a.copy({ address: 0x100 }, undefined, 4, { onZero: "here" });
    },
    instructions: [{
      number: EVALUATE,
      args: [0x100, -1, LAYOUT.zero, 0, 4, 0],
      onZero: instructionAddress(0),
    }],
  },
  {
    name: "a sum, into its own first term",
    write: (a) => a.add(0x200, { address: 0x100 }, -1),
    instructions: [{ number: EVALUATE, args: [0x200, -1, 0x100, -1, 0, 0], store: 0x200 }],
  },
  {
    name: "a result",
    write: (a) => a.result(-13, { onError: "end", store: 0x300 }) ?? a.label("end") ?? a.emit(60, []),
    instructions: [
      {
        number: EVALUATE,
        args: [LAYOUT.zero, 0, LAYOUT.zero, 0, -13, 0],
        onError: instructionAddress(1),
        store: 0x300,
      },
      { number: 60, args: [0, 0, 0, 0, 0, 0] },
    ],
  },
  {
    name: "a jump: a result of 0",
    write: (a) => a.label("loop") ?? a.jump("loop"),
    instructions: [
      { number: EVALUATE, args: [LAYOUT.zero, 0, LAYOUT.zero, 0, 0, 0], onZero: instructionAddress(0) },
    ],
  },
];

for (const { name, write, instructions } of EMITTED) {
  Deno.test(`Assembler emits ${name}`, () => {
    deepEqual(emitted(write), instructions);
  });
}

Deno.test("Assembler copies a word into the argument of the call that takes it, just before the call", () => {
  const assembler = new Assembler();
  const index = assembler.emit(3, [1, { address: 0x100 }, { address: 0x200, mask: 0xff }]);
  const instructions = disassemble(assembler.link());
  equal(index, 2);
  deepEqual(instructions.map(({ number }) => number), [EVALUATE, EVALUATE, 3]);
  deepEqual(
    instructions.map(({ store }) => store),
    [1, 2].map((argument) => instructionAddress(2) + ARGUMENT_OFFSET(argument)).concat(0),
  );
  deepEqual(instructions[2]!.args, [1, 0, 0, 0, 0, 0]);
});

Deno.test("Assembler resolves labels that come later and earlier, many to one place", () => {
  const assembler = new Assembler();
  assembler.label("first");
  assembler.emit(1, [], { onError: "last", onZero: "end" });
  assembler.emit(2, [], { onZero: "first" });
  assembler.label("last");
  assembler.label("end");
  assembler.emit(3, []);
  const jumps = disassemble(assembler.link()).map(({ onError, onZero }) => [onError, onZero]);
  deepEqual(jumps, [[instructionAddress(2), instructionAddress(2)], [0, instructionAddress(0)], [0, 0]]);
});

Deno.test("Assembler rejects a label that stands twice", () => {
  const assembler = new Assembler();
  assembler.label("a");
  throws(() => assembler.label("a"), TypeError);
});

Deno.test("Assembler rejects a label that is nowhere", () => {
  const assembler = new Assembler();
  assembler.jump("a");
  throws(() => assembler.link(), TypeError);
});

Deno.test("Assembler keeps what it has when its table grows", () => {
  const assembler = new Assembler();
  for (let index = 0; index < 5000; index++) {
    assembler.emit(index, [-index, { address: 8 }], { onZero: "end" });
  }
  assembler.label("end");
  const calls = disassemble(assembler.link()).filter(({ number }) => number !== EVALUATE);
  deepEqual(calls.map(({ number }) => number), Array.from({ length: 5000 }, (_, index) => index));
  deepEqual(calls.map(({ args }) => args[0]), Array.from({ length: 5000 }, (_, index) => 0 - index));
  equal(calls.every(({ onZero }) => onZero === instructionAddress(10_000)), true);
});

Deno.test("Assembler knows the index of what comes next", () => {
  const assembler = new Assembler();
  assembler.emit(1, [{ address: 8 }]);
  equal(assembler.next, 2);
});

Deno.test("Assembler lays down a text once, as UTF-8 with a NUL", () => {
  const assembler = new Assembler();
  const [first, second, again] = ["é", "b", "é"].map((text) => assembler.string(text));
  deepEqual([first, second, again], [LAYOUT.data, LAYOUT.data + 8, LAYOUT.data]);
  deepEqual([...assembler.link().data], [0xc3, 0xa9, 0, 0, 0, 0, 0, 0, 0x62, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("Assembler rejects a text with NUL, which the kernel would cut there", () => {
  throws(() => new Assembler().string("a\0b"), TypeError);
});

Deno.test("Assembler lays down words and bytes at addresses that are multiples of 8", () => {
  const assembler = new Assembler();
  const addresses = [
    assembler.bytes(new Uint8Array([1, 2, 3])),
    assembler.words([-1, 2n]),
    assembler.bytes(new Uint8Array(0)),
    assembler.words([3]),
  ];
  deepEqual(addresses.map((address) => address - LAYOUT.data), [0, 8, 24, 24]);
  const view = new DataView(assembler.link().data.buffer);
  deepEqual([8, 16, 24].map((offset) => view.getBigInt64(offset, true)), [-1n, 2n, 3n]);
});

Deno.test("Assembler keeps what it has when its data grows", () => {
  const assembler = new Assembler();
  const long = "x".repeat(100_000);
  assembler.words([42]);
  const address = assembler.string(long);
  const { data } = assembler.link();
  equal(new DataView(data.buffer).getBigInt64(0, true), 42n);
  equal(new TextDecoder().decode(data.subarray(address - LAYOUT.data)).replace(/\0+$/, ""), long);
});

Deno.test("Assembler sets aside buffers one behind the other, with a spare word each", () => {
  const assembler = new Assembler();
  const addresses = [1, 8, 9, 0].map((size) => assembler.reserve(size) - LAYOUT.buffers);
  deepEqual(addresses, [0, 16, 32, 56]);
  equal(assembler.link().buffersSize, 64);
});
