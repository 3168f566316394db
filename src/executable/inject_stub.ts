/**
 * Makes one executable of a deno binary, the stub (stub.c) and programs: the file's last PT_NOTE header, which nobody
 * reads at run time, becomes a PT_LOAD for a segment at the end of the file, and the entry point moves there. Pure.
 */

import { CtrError } from "../errors.ts";
import { EHDR, type ElfFile, findGotEntry, parseElf, PHDR, PT_LOAD, PT_NOTE, type Segment } from "./elf.ts";

/** What the stub is given to do. */
export interface StubInput {
  /** The stub's code, as compiled: its first bytes are room for the header. */
  readonly code: Uint8Array;
  /** The last one is for every command line that no other takes. */
  readonly programs: readonly StubProgram[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** A program, and how the stub starts deno on it. */
export interface StubProgram {
  /** First words of a command line that choose it. */
  readonly words: readonly string[];
  /** Programs may share them: they are laid down once. */
  readonly bytes: Uint8Array;
  /** The descriptor that it should get. */
  readonly fd: number;
  /** argv[0] and deno's arguments. */
  readonly arguments: readonly string[];
  /** The name of its directory in the cache. */
  readonly cache: string;
}

/** Bytes to be written into a copy of the file. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The words of `struct header` in stub.c, in order. */
const HEADER = [
  "entry",
  "environSlot",
  "programs",
  "programCount",
  "removed",
  "removedCount",
  "added",
  "addedCount",
] as const;

/** The words of `struct program` in stub.c, in order. */
const PROGRAM = ["words", "wordCount", "bytes", "size", "fd", "arguments", "argumentCount", "cache"] as const;

/** Room for the header: the code begins behind it. */
const HEADER_SIZE = 128;
const PAGE_SIZE = 4096;
const PF_R_X = 5;

/** @throws {CtrError} code "unsupported" for a deno binary of another layout */
export function injectStub(deno: Uint8Array, input: StubInput): Patch[] {
  const elf = parseElf(deno);
  const loads = elf.segments.filter((segment) => segment.type === PT_LOAD);
  const note = findSpareHeader(elf);
  const offset = roundUp(deno.length, PAGE_SIZE);
  const address = roundUp(Math.max(...loads.map((load) => load.address + load.memorySize)), PAGE_SIZE);
  const segment = layOutSegment(input, {
    entry: elf.entry - address,
    environSlot: findGotEntry(elf, "environ") - address,
  });
  return [
    { offset: EHDR.entry, bytes: words(address + HEADER_SIZE) },
    { offset: note.headerOffset, bytes: encodeLoad(offset, address, segment.length) },
    { offset, bytes: segment },
  ];
}

/** PT_LOAD headers must stand in the order of their addresses, and the new segment's address is the highest. */
function findSpareHeader({ segments }: ElfFile): Segment {
  const last = segments.findLastIndex((segment) => segment.type === PT_LOAD);
  const note = segments.slice(last + 1).find((segment) => segment.type === PT_NOTE);
  if (last < 0 || note === undefined) {
    throw new CtrError(
      "unsupported",
      "Cannot use the deno binary: no PT_NOTE stands behind its last PT_LOAD",
    );
  }
  return note;
}

function encodeLoad(offset: number, address: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(56);
  bytes.set(words(offset, address, address, size, size, PAGE_SIZE), PHDR.offset);
  const view = new DataView(bytes.buffer);
  view.setUint32(PHDR.type, PT_LOAD, true);
  view.setUint32(PHDR.flags, PF_R_X, true);
  return bytes;
}

/** Lays out header, code, lists and programs one after the other; places are counted from the segment's first byte. */
function layOutSegment(
  { code, programs, removed, added }: StubInput,
  deno: { readonly entry: number; readonly environSlot: number },
): Uint8Array<ArrayBuffer> {
  const layout = new Layout(code);
  const table = programs.map((program) => layOutProgram(layout, program));
  const header: Record<typeof HEADER[number], number> = {
    ...deno,
    programs: layout.place(words(...table.flatMap((row) => PROGRAM.map((name) => row[name])))),
    programCount: programs.length,
    removed: layout.place(encodeList(removed)),
    removedCount: removed.length,
    added: layout.place(encodeList(added)),
    addedCount: added.length,
  };
  const segment = layout.join();
  segment.set(words(...HEADER.map((name) => header[name])));
  return segment;
}

function layOutProgram(layout: Layout, program: StubProgram): Record<typeof PROGRAM[number], number> {
  return {
    words: layout.place(encodeList(program.words)),
    wordCount: program.words.length,
    bytes: layout.place(program.bytes),
    size: program.bytes.length,
    fd: program.fd,
    arguments: layout.place(encodeList(program.arguments)),
    argumentCount: program.arguments.length,
    cache: layout.place(encodeList([program.cache])),
  };
}

/** A segment in the making: pieces, and where each of them lies. */
class Layout {
  readonly #places = new Map<Uint8Array, number>();
  #end = 0;

  constructor(first: Uint8Array) {
    this.place(first);
  }

  /** Adds a piece behind the others, if it is not there yet, and returns its place. */
  place(bytes: Uint8Array): number {
    const known = this.#places.get(bytes);
    if (known !== undefined) return known;
    const place = roundUp(this.#end, 64);
    this.#places.set(bytes, place);
    this.#end = place + bytes.length;
    return place;
  }

  join(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#end);
    for (const [bytes, place] of this.#places) joined.set(bytes, place);
    return joined;
  }
}

function encodeList(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text) => `${text}\0`).join(""));
}

/** Encodes 64-bit words, least byte first. */
function words(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
