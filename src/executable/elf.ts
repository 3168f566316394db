/** Reads what the injection needs to know of an x86_64 ELF file. Pure. Source: include/uapi/linux/elf.h, elf(5). */

import { CtrError } from "../errors.ts";

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;

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

/** Places in the ELF header and in a program header, 64-bit. */
export const EHDR = { class: 4, machine: 18, entry: 24, phoff: 32, phentsize: 54, phnum: 56 } as const;
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

const DT = { strtab: 5, symtab: 6, rela: 7, relasz: 8 } as const;
const RELA_SIZE = 24;
const SYM_SIZE = 24;
const R_X86_64_GLOB_DAT = 6;

/**
 * Returns the address of the GOT entry that the dynamic linker fills with the address of `symbol`, a variable of libc.
 *
 * @throws {CtrError} code "unsupported" if the file has none
 */
export function findGotEntry({ view, segments }: ElfFile, symbol: string): number {
  const dynamic = parseDynamic({ view, segments });
  const [strtab, symtab, rela, relasz] = [
    dynamic(DT.strtab),
    dynamic(DT.symtab),
    dynamic(DT.rela),
    dynamic(DT.relasz),
  ];
  const [names, symbols, start] = [strtab, symtab, rela].map((address) => fileOffset(segments, address));
  if (names === undefined || symbols === undefined || start === undefined) throw noGotEntry(symbol);
  for (let at = start; at < start + relasz; at += RELA_SIZE) {
    if (view.getUint32(at + 8, true) !== R_X86_64_GLOB_DAT) continue;
    const name = names + view.getUint32(symbols + view.getUint32(at + 12, true) * SYM_SIZE, true);
    if (readName(view, name) === symbol) return getNumber(view, at);
  }
  throw noGotEntry(symbol);
}

function noGotEntry(symbol: string): CtrError {
  return new CtrError("unsupported", `Cannot use the deno binary: it takes no "${symbol}" from libc`);
}

/** Returns a function that gives the value of an entry of the dynamic section, 0 if there is none. */
function parseDynamic({ view, segments }: Pick<ElfFile, "view" | "segments">): (tag: number) => number {
  const entries = new Map<number, number>();
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  for (let at = 0; dynamic !== undefined && at < dynamic.fileSize; at += 16) {
    entries.set(getNumber(view, dynamic.offset + at), getNumber(view, dynamic.offset + at + 8));
  }
  return (tag) => entries.get(tag) ?? 0;
}

function fileOffset(segments: readonly Segment[], address: number): number {
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

function getNumber(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}
