/** Reads what injection and prelinking need to know of an x86_64 ELF file. Pure. Source: include/uapi/linux/elf.h, elf(5). */

import { CtrError } from "../errors.ts";

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;
export const PT_GNU_STACK = 0x6474e551;

/** An ELF file of which the program headers are known. */
export interface ElfFile {
  readonly view: DataView;
  /** The address, before relocation, where the dynamic linker jumps when it has done its work. */
  readonly entry: number;
  readonly segments: readonly Segment[];
}

/** One program header. */
export interface Segment {
  readonly type: number;
  /** Where the header itself lies in the file. */
  readonly headerOffset: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** Places in the ELF header, 64-bit. */
export const EHDR = {
  class: 4,
  type: 16,
  machine: 18,
  entry: 24,
  phoff: 32,
  shoff: 40,
  phentsize: 54,
  phnum: 56,
  shentsize: 58,
  shnum: 60,
} as const;

/** Places in a program header. */
export const PHDR = {
  type: 0,
  flags: 4,
  offset: 8,
  vaddr: 16,
  paddr: 24,
  filesz: 32,
  memsz: 40,
  align: 48,
} as const;

const ELF_MAGIC = 0x7f454c46; // "\x7fELF", read big-endian
const ELFCLASS64 = 2;
const EM_X86_64 = 62;

/** @throws {CtrError} code "unsupported" if the bytes are no ELF file for x86_64 */
export function parseElf(bytes: Uint8Array): ElfFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf = bytes.length >= 64 && view.getUint32(0) === ELF_MAGIC &&
    view.getUint8(EHDR.class) === ELFCLASS64;
  if (!isElf || view.getUint16(EHDR.machine, true) !== EM_X86_64) {
    throw new CtrError("unsupported", "Cannot use the deno binary: it is no ELF file for x86_64");
  }
  const start = getNumber(view, EHDR.phoff);
  const size = view.getUint16(EHDR.phentsize, true);
  const count = view.getUint16(EHDR.phnum, true);
  const segments = Array.from({ length: count }, (_, index) => parseSegment(view, start + index * size));
  return { view, entry: getNumber(view, EHDR.entry), segments };
}

function parseSegment(view: DataView, headerOffset: number): Segment {
  return {
    type: view.getUint32(headerOffset + PHDR.type, true),
    headerOffset,
    offset: getNumber(view, headerOffset + PHDR.offset),
    address: getNumber(view, headerOffset + PHDR.vaddr),
    fileSize: getNumber(view, headerOffset + PHDR.filesz),
    memorySize: getNumber(view, headerOffset + PHDR.memsz),
  };
}

/** Tags of the dynamic section, as far as they are read. */
export const DT = {
  pltrelsz: 2,
  pltgot: 3,
  strtab: 5,
  symtab: 6,
  rela: 7,
  relasz: 8,
  jmprel: 23,
  relacount: 0x6ffffff9,
  flags1: 0x6ffffffb,
} as const;

/** Types of relocations. */
export const R_X86_64 = { direct64: 1, copy: 5, globDat: 6, jumpSlot: 7, relative: 8 } as const;

export const RELA_SIZE = 24;
export const SYM_SIZE = 24;

/**
 * Returns the address of the GOT entry that the dynamic linker fills with the address of `symbol`, a variable of libc.
 *
 * @throws {CtrError} code "unsupported" if the file has none
 */
export function findGotEntry(elf: ElfFile, symbol: string): number {
  const { view, segments } = elf;
  const dynamic = new Map(listDynamic(elf).map(({ tag, value }) => [tag, value]));
  const [names, symbols, start] = [DT.strtab, DT.symtab, DT.rela].map((tag) =>
    fileOffset(segments, dynamic.get(tag) ?? 0)
  );
  if (names === undefined || symbols === undefined || start === undefined) throw noGotEntry(symbol);
  const end = start + (dynamic.get(DT.relasz) ?? 0);
  for (let at = start; at < end; at += RELA_SIZE) {
    if (view.getUint32(at + 8, true) !== R_X86_64.globDat) continue;
    const name = names + view.getUint32(symbols + view.getUint32(at + 12, true) * SYM_SIZE, true);
    if (readName(view, name) === symbol) return getNumber(view, at);
  }
  throw noGotEntry(symbol);
}

function noGotEntry(symbol: string): CtrError {
  return new CtrError("unsupported", `Cannot use the deno binary: it takes no "${symbol}" from libc`);
}

/** An entry of the dynamic section. */
export interface DynamicEntry {
  readonly tag: number;
  readonly value: number;
  /** Where the entry lies in the file; its value stands 8 bytes further. */
  readonly offset: number;
}

/** Lists the dynamic section; a static executable has none. */
export function listDynamic({ view, segments }: ElfFile): DynamicEntry[] {
  const entries: DynamicEntry[] = [];
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  const end = dynamic === undefined ? 0 : dynamic.offset + dynamic.fileSize;
  for (let offset = dynamic?.offset ?? 0; offset < end; offset += 16) {
    const tag = getNumber(view, offset);
    if (tag === 0) break;
    entries.push({ tag, value: getNumber(view, offset + 8), offset });
  }
  return entries;
}

/**
 * Returns where the byte at an address lies in the file.
 *
 * @throws {CtrError} code "unsupported" if it is not in the file
 */
export function fileOffset(segments: readonly Segment[], address: number): number {
  const holder = segments.find((each) =>
    each.type === PT_LOAD && address >= each.address && address < each.address + each.fileSize
  );
  if (holder === undefined) {
    throw new CtrError(
      "unsupported",
      `Cannot use the deno binary: 0x${address.toString(16)} is in no segment`,
    );
  }
  return address - holder.address + holder.offset;
}

function readName(view: DataView, start: number): string {
  let name = "";
  for (let at = start; view.getUint8(at) !== 0; at++) name += String.fromCharCode(view.getUint8(at));
  return name;
}

/** Reads a 64-bit word that is known to fit a number. */
export function getNumber(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}
