import { deepEqual, equal, throws } from "node:assert/strict";
import { findGotEntry, parseElf, PHDR, PT_LOAD, PT_NOTE } from "./elf.ts";
import { injectStub } from "./inject_stub.ts";

const SHARED = new TextEncoder().encode("shared");

const INPUT = {
  code: new Uint8Array(200).fill(0x90),
  programs: [
    { words: ["run", "r"], bytes: SHARED, fd: 600, arguments: ["one", "two"], cache: "hot" },
    { words: ["list"], bytes: SHARED, fd: 600, arguments: ["one"], cache: "warm" },
    {
      words: [],
      bytes: new TextEncoder().encode("program"),
      fd: 700,
      arguments: ["three"],
      cache: "rest",
    },
  ],
  removed: ["DENO_"],
  added: ["A=1", "B=2", "C=3"],
};

const deno = Deno.build.arch === "x86_64" ? Deno.readFileSync(Deno.execPath()) : undefined;

Deno.test({
  name: "injectStub() moves the entry point behind the header of a new segment",
  ignore: deno === undefined,
  fn() {
    const [entry, load, segment] = injectStub(deno!, INPUT);
    const header = new DataView(load!.bytes.buffer);
    equal(header.getUint32(PHDR.type, true), PT_LOAD);
    equal(header.getBigUint64(PHDR.offset, true), BigInt(segment!.offset));
    equal(
      new DataView(entry!.bytes.buffer).getBigUint64(0, true),
      header.getBigUint64(PHDR.vaddr, true) + 128n,
    );
  },
});

Deno.test({
  name: "injectStub() tells the stub where deno's entry point, the lists and the programs are",
  ignore: deno === undefined,
  fn() {
    const [, load, segment] = injectStub(deno!, INPUT);
    const address = new DataView(load!.bytes.buffer).getBigUint64(PHDR.vaddr, true);
    const { word, text } = readerOf(segment!.bytes);
    equal(word(0) + address, BigInt(parseElf(deno!).entry));
    equal(word(8) + address, BigInt(findGotEntry(parseElf(deno!), "environ")));
    equal(word(24), 3n);
    equal(text(word(32), 6n), "DENO_\0");
    equal(text(word(48), 4n), "A=1\0");
    equal(word(56), 3n);
  },
});

Deno.test({
  name: "injectStub() describes each program to the stub; two may share their bytes",
  ignore: deno === undefined,
  fn() {
    const [, , segment] = injectStub(deno!, INPUT);
    const { word, text } = readerOf(segment!.bytes);
    const rows = [0n, 1n, 2n].map((index) => {
      const [words, wordCount, bytes, size, fd, args, argCount, cache] = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map(
        (field) => word(Number(word(16) + index * 64n + field * 8n)),
      );
      return { words, wordCount, bytes, size, fd, args, argCount, cache };
    });
    const [hot, warm, rest] = rows;
    equal(text(hot!.words!, 6n), "run\0r\0");
    deepEqual(rows.map((row) => row.wordCount), [2n, 1n, 0n]);
    equal(text(hot!.bytes!, hot!.size!), "shared");
    equal(warm!.bytes, hot!.bytes);
    equal(text(rest!.bytes!, rest!.size!), "program");
    deepEqual(rows.map((row) => row.fd), [600n, 600n, 700n]);
    equal(text(hot!.args!, 8n), "one\0two\0");
    deepEqual(rows.map((row) => row.argCount), [2n, 1n, 1n]);
    equal(text(warm!.cache!, 5n), "warm\0");
  },
});

/** Reads words and text at places of a segment. */
function readerOf(bytes: Uint8Array<ArrayBuffer>): {
  readonly word: (place: number) => bigint;
  readonly text: (place: bigint, length: bigint) => string;
} {
  const view = new DataView(bytes.buffer);
  return {
    word: (place) => view.getBigInt64(place, true),
    text: (place, length) => new TextDecoder().decode(bytes.subarray(Number(place), Number(place + length))),
  };
}

/** An ELF header for x86_64 with program headers of the given types and no content. */
function elfOf(...types: number[]): Uint8Array {
  const bytes = new Uint8Array(64 + 56 * types.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  view.setUint16(18, 62, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, types.length, true);
  types.forEach((type, index) => view.setUint32(64 + 56 * index, type, true));
  return bytes;
}

const aarch64 = elfOf(PT_LOAD, PT_NOTE);
aarch64[18] = 183; // EM_AARCH64

const BAD = [
  {
    name: "a script",
    bytes: new TextEncoder().encode("#!/bin/sh\n".repeat(10)),
    message: /no ELF file for x86_64/,
  },
  { name: "a short file", bytes: new Uint8Array(3), message: /no ELF file for x86_64/ },
  { name: "a file for aarch64", bytes: aarch64, message: /no ELF file for x86_64/ },
  { name: "a PT_NOTE in front of the last PT_LOAD", bytes: elfOf(PT_NOTE, PT_LOAD), message: /no PT_NOTE/ },
  { name: "no PT_LOAD", bytes: elfOf(PT_NOTE), message: /no PT_NOTE/ },
  { name: "a static executable", bytes: elfOf(PT_LOAD, PT_NOTE), message: /is in no segment/ },
];

for (const { name, bytes, message } of BAD) {
  Deno.test(`injectStub() refuses ${name}`, () => {
    throws(() => injectStub(bytes, INPUT), { code: "unsupported", message });
  });
}
