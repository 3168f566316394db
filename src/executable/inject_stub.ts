/**
 * Makes one executable of a deno binary, the stub (stub.c) and a program: the file's last PT_NOTE header, which nobody
 * reads at run time, becomes a PT_LOAD for a segment at the end of the file, and the entry point moves there. Pure.
 */

import { CtrError } from "../errors.ts";
import { EHDR, type ElfFile, findGotEntry, parseElf, PHDR, PT_LOAD, PT_NOTE, type Segment } from "./elf.ts";

/** What the stub is given to do. */
export interface StubInput {
  /** The stub's code, as compiled: its first bytes are room for the header. */
  readonly code: Uint8Array;
  readonly program: Uint8Array;
  /** The descriptor that the program should get. */
  readonly programFd: number;
  readonly arguments: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
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
  "program",
  "programSize",
  "programFd",
  "arguments",
  "argumentCount",
  "removed",
  "removedCount",
  "added",
  "addedCount",
] as const;

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

/** Lays out header, code, lists and program one after the other; places are counted from the segment's first byte. */
function layOutSegment(
  input: StubInput,
  deno: { readonly entry: number; readonly environSlot: number },
): Uint8Array<ArrayBuffer> {
  const parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [{ offset: 0, bytes: input.code }];
  let end = input.code.length;
  function place(bytes: Uint8Array): number {
    const offset = roundUp(end, 64);
    parts.push({ offset, bytes });
    end = offset + bytes.length;
    return offset;
  }
  const header: Record<typeof HEADER[number], number> = {
    ...deno,
    arguments: place(encodeList(input.arguments)),
    argumentCount: input.arguments.length,
    removed: place(encodeList(input.removed)),
    removedCount: input.removed.length,
    added: place(encodeList(input.added)),
    addedCount: input.added.length,
    program: place(input.program),
    programSize: input.program.length,
    programFd: input.programFd,
  };
  const segment = new Uint8Array(end);
  for (const { offset, bytes } of parts) segment.set(bytes, offset);
  segment.set(words(...HEADER.map((name) => header[name])));
  return segment;
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
