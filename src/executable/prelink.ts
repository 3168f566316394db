/**
 * Binds a position-independent executable to one address. The dynamic linker would else add the address to 158,853
 * words of deno at each start, and so copy 624 pages of the file: 1.9 ms. What it does at run time is done here once, to
 * the file; relocations that name a symbol of a library are left to it. Pure.
 *
 * The price is that the file's own address is no secret any more: see docs/architecture.md.
 *
 * Source: System V ABI, x86_64 supplement, chapter 4; include/uapi/linux/elf.h; glibc's elf.h.
 */

import { CtrError } from "../errors.ts";
import {
  DT,
  EHDR,
  type ElfFile,
  fileOffset,
  getNumber,
  listDynamic,
  parseElf,
  PHDR,
  PT_GNU_STACK,
  R_X86_64,
  RELA_SIZE,
  SYM_SIZE,
} from "./elf.ts";

/** Far below everything that the kernel and the libraries place, and above what a wrong small number points to. */
export const BASE = 0x1000_0000;

const ET_EXEC = 2;
const ET_DYN = 3;
const DF_1_PIE = 0x0800_0000;

/** Entries of the dynamic section that are addresses: DT_PLTGOT, DT_HASH, … */
const ADDRESS_TAGS = new Set([
  ...[3, 4, 5, 6, 7, 12, 13, 23, 25, 26, 32],
  0x6ffffef5, // DT_GNU_HASH
  0x6ffffff0, // DT_VERSYM
  0x6ffffffc, // DT_VERDEF
  0x6ffffffe, // DT_VERNEED
]);

/** Entries that are sizes, flags or names: DT_NEEDED, DT_PLTRELSZ, … */
const PLAIN_TAGS = new Set([
  ...[1, 2, 8, 9, 10, 11, 14, 15, 16, 20, 21, 24, 27, 28, 29, 30, 33],
  0x6ffffff9, // DT_RELACOUNT
  0x6ffffffb, // DT_FLAGS_1
  0x6ffffffd, // DT_VERDEFNUM
  0x6fffffff, // DT_VERNEEDNUM
]);

/** Relocations with the address of a symbol, wherever that may be. */
const SYMBOLIC: ReadonlySet<number> = new Set([
  R_X86_64.direct64,
  R_X86_64.copy,
  R_X86_64.globDat,
  R_X86_64.jumpSlot,
]);

/** Places in a section header, and the flag and type that matter. */
const SHDR = { type: 4, flags: 8, addr: 16, offset: 24, size: 32 } as const;
const SHF_ALLOC = 2;
const SHT_DYNSYM = 11;

/** Places in a symbol, and values that say that it has no address in this file. */
const SYM = { info: 4, shndx: 6, value: 8 } as const;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;
const STT_TLS = 6;

/** An executable on its way to its address. */
interface Move extends ElfFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly base: number;
  /** Returns the value of a dynamic entry, from before the move. */
  readonly dynamic: (tag: number) => number;
}

/**
 * Returns a copy of a position-independent executable that can be loaded at `base` alone.
 *
 * @throws {CtrError} code "unsupported" if it has anything that is not known here; then it must stay as it is
 */
export function prelink(executable: Uint8Array, base: number = BASE): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(executable);
  const elf = parseElf(bytes);
  if (elf.view.getUint16(EHDR.type, true) !== ET_DYN) throw notKnown("it has an address already");
  const entries = new Map(listDynamic(elf).map(({ tag, value }) => [tag, value]));
  const move: Move = { ...elf, bytes, base, dynamic: (tag) => entries.get(tag) ?? 0 };
  // Each step reads addresses from before the move: those that others go by come last.
  bindRelative(move);
  moveRelocations(move);
  moveGot(move);
  moveSections(move);
  moveDynamic(move);
  moveSegments(move);
  add(move, EHDR.entry);
  move.view.setUint16(EHDR.type, ET_EXEC, true);
  return bytes;
}

function notKnown(what: string): CtrError {
  return new CtrError("unsupported", `Cannot prelink the deno binary: ${what}`, {
    hint: "Teach src/executable/prelink.ts about it: till then the binary is used as it is",
  });
}

/** Writes the words that depend on the address alone, and blanks the table that told of them. */
function bindRelative({ view, bytes, segments, base, dynamic }: Move): void {
  const start = fileOffset(segments, dynamic(DT.rela));
  const end = start + dynamic(DT.relacount) * RELA_SIZE;
  for (let at = start; at < end; at += RELA_SIZE) {
    if (view.getBigUint64(at + 8, true) !== BigInt(R_X86_64.relative)) {
      throw notKnown(`DT_RELACOUNT counts relocation type ${view.getUint32(at + 8, true)}`);
    }
    const value = view.getBigUint64(at + 16, true) + BigInt(base);
    view.setBigUint64(fileOffset(segments, getNumber(view, at)), value, true);
  }
  bytes.fill(0, start, end);
}

/** What is left names a symbol: only the place that it is for moves. */
function moveRelocations(move: Move): void {
  const { view, segments, dynamic } = move;
  const done = dynamic(DT.relacount) * RELA_SIZE;
  const tables = [
    { start: dynamic(DT.rela) + done, size: dynamic(DT.relasz) - done },
    { start: dynamic(DT.jmprel), size: dynamic(DT.pltrelsz) },
  ];
  for (const { start, size } of tables) {
    if (size === 0) continue;
    const first = fileOffset(segments, start);
    for (let at = first; at < first + size; at += RELA_SIZE) {
      const [type, symbol] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
      if (symbol === 0 || !SYMBOLIC.has(type)) throw notKnown(`relocation type ${type}, symbol ${symbol}`);
      // Until it is bound, the word of a function leads to the code that binds it: an address in this file.
      if (type === R_X86_64.jumpSlot) addUnlessZero(move, fileOffset(segments, getNumber(view, at)));
      add(move, at);
    }
  }
}

/** The first word of the table for functions is the address of the dynamic section. */
function moveGot(move: Move): void {
  const got = move.dynamic(DT.pltgot);
  if (got !== 0) addUnlessZero(move, fileOffset(move.segments, got));
}

/** Nobody reads section headers at run time, but debuggers and profilers do. The list of symbols is known by them alone. */
function moveSections(move: Move): void {
  const { view, dynamic } = move;
  const [start, size] = [getNumber(view, EHDR.shoff), view.getUint16(EHDR.shentsize, true)];
  const done = dynamic(DT.relacount) * RELA_SIZE;
  let symbolTables = 0;
  for (let index = 0; index < view.getUint16(EHDR.shnum, true); index++) {
    const at = start + index * size;
    if ((getNumber(view, at + SHDR.flags) & SHF_ALLOC) === 0) continue;
    if (getNumber(view, at + SHDR.addr) === dynamic(DT.rela)) {
      for (const field of [SHDR.addr, SHDR.offset]) addTo(view, at + field, done);
      addTo(view, at + SHDR.size, -done);
    }
    if (view.getUint32(at + SHDR.type, true) === SHT_DYNSYM) {
      moveSymbols(move, getNumber(view, at + SHDR.offset), getNumber(view, at + SHDR.size));
      symbolTables++;
    }
    add(move, at + SHDR.addr);
  }
  if (symbolTables !== 1) throw notKnown(`${symbolTables} sections with dynamic symbols`);
}

function moveSymbols(move: Move, start: number, size: number): void {
  for (let at = start; at < start + size; at += SYM_SIZE) {
    const section = move.view.getUint16(at + SYM.shndx, true);
    const type = move.view.getUint8(at + SYM.info) & 15;
    if (section !== SHN_UNDEF && section !== SHN_ABS && type !== STT_TLS) add(move, at + SYM.value);
  }
}

function moveDynamic(move: Move): void {
  const { view, dynamic } = move;
  const done = dynamic(DT.relacount) * RELA_SIZE;
  for (const { tag, value, offset } of listDynamic(move)) {
    if (!ADDRESS_TAGS.has(tag) && !PLAIN_TAGS.has(tag)) throw notKnown(`dynamic entry 0x${tag.toString(16)}`);
    if (ADDRESS_TAGS.has(tag)) add(move, offset + 8);
    if (tag === DT.rela) addTo(view, offset + 8, done);
    if (tag === DT.relasz) addTo(view, offset + 8, -done);
    if (tag === DT.relacount) addTo(view, offset + 8, -value);
    if (tag === DT.flags1) addTo(view, offset + 8, -(value & DF_1_PIE));
  }
}

function moveSegments(move: Move): void {
  for (const { type, headerOffset } of move.segments) {
    if (type === PT_GNU_STACK) continue;
    for (const field of [PHDR.vaddr, PHDR.paddr]) add(move, headerOffset + field);
  }
}

/** Adds the new address to the word at a place of the file. */
function add({ view, base }: Move, offset: number): void {
  addTo(view, offset, base);
}

function addUnlessZero(move: Move, offset: number): void {
  if (move.view.getBigUint64(offset, true) !== 0n) add(move, offset);
}

function addTo(view: DataView, offset: number, amount: number): void {
  view.setBigUint64(offset, view.getBigUint64(offset, true) + BigInt(amount), true);
}
