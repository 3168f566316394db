/**
 * The static ELF image around a program: one segment of code, one of instructions, one of data, one of buffers. Pure.
 * Source: elf(5); include/uapi/linux/elf.h, include/uapi/linux/elf-em.h.
 */

import { LAYOUT, type Program } from "./instruction.ts";
import { codeAarch64 } from "./interpreter_aarch64.ts";
import { codeX86_64 } from "./interpreter_x86_64.ts";

/** Machines that an image can be made for, by Deno's names. */
export type Machine = "x86_64" | "aarch64";

const ET_EXEC = 2;
const EM: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };
const PT_LOAD = 1;
/** Says that the stack is not executable, and that no other memory becomes so for its sake. */
const PT_GNU_STACK = 0x6474e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
/** The largest page that either machine's kernel may use; a file offset and its address agree below it. */
const ALIGNMENT: Readonly<Record<Machine, number>> = { x86_64: 0x1000, aarch64: 0x10000 };
const EHDR_SIZE = 64;
const PHDR_SIZE = 56;

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly memorySize: number;
}

const CODE: Readonly<Record<Machine, () => Uint8Array<ArrayBuffer>>> = {
  x86_64: codeX86_64,
  aarch64: codeAarch64,
};

/** Builds the file that the kernel can execute. `code` is the interpreter of `machine`. */
export function buildImage(
  program: Program,
  machine: Machine = "x86_64",
  code: Uint8Array<ArrayBuffer> = CODE[machine](),
): Uint8Array<ArrayBuffer> {
  const none = new Uint8Array(0);
  const segments: Segment[] = [
    { type: PT_LOAD, flags: PF_R | PF_X, address: LAYOUT.code, bytes: none, memorySize: 0 },
    segment(PF_R | PF_W, LAYOUT.fault, program.table),
    segment(PF_R | PF_W, LAYOUT.data, program.data),
    { ...segment(PF_R | PF_W, LAYOUT.buffers, none), memorySize: program.buffersSize },
    { type: PT_GNU_STACK, flags: PF_R | PF_W, address: 0, bytes: none, memorySize: 0 },
  ].filter(({ type, bytes, memorySize, flags }) =>
    type !== PT_LOAD || (flags & PF_X) !== 0 || bytes.length + memorySize > 0
  );
  const codeOffset = EHDR_SIZE + segments.length * PHDR_SIZE;
  const head = new Uint8Array(codeOffset + code.length);
  head.set(code, codeOffset);
  segments[0] = { ...segments[0]!, bytes: head, memorySize: head.length };
  return layOut(segments, machine, LAYOUT.code + codeOffset);
}

function segment(flags: number, address: number, bytes: Uint8Array<ArrayBuffer>): Segment {
  return { type: PT_LOAD, flags, address, bytes, memorySize: bytes.length };
}

function layOut(segments: readonly Segment[], machine: Machine, entry: number): Uint8Array<ArrayBuffer> {
  const align = ALIGNMENT[machine];
  const offsets: number[] = [];
  let end = 0;
  for (const { bytes } of segments) {
    const offset = bytes.length === 0 ? 0 : Math.ceil(end / align) * align;
    offsets.push(offset);
    if (bytes.length > 0) end = offset + bytes.length;
  }
  const image = new Uint8Array(end);
  segments.forEach(({ bytes }, index) => image.set(bytes, offsets[index]));
  const view = new DataView(image.buffer);
  writeFileHeader(view, machine, entry, segments.length);
  segments.forEach((part, index) => {
    writeProgramHeader(view, EHDR_SIZE + index * PHDR_SIZE, part, offsets[index]!, align);
  });
  return image;
}

function writeFileHeader(view: DataView, machine: Machine, entry: number, segmentCount: number): void {
  const identity = [0x7f, 0x45, 0x4c, 0x46, 2, /* 64 bit */ 1, /* little-endian */ 1 /* version */];
  identity.forEach((byte, index) => view.setUint8(index, byte));
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM[machine], true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(EHDR_SIZE), true);
  view.setUint16(52, EHDR_SIZE, true);
  view.setUint16(54, PHDR_SIZE, true);
  view.setUint16(56, segmentCount, true);
}

function writeProgramHeader(view: DataView, at: number, part: Segment, offset: number, align: number): void {
  view.setUint32(at, part.type, true);
  view.setUint32(at + 4, part.flags, true);
  const words = [offset, part.address, part.address, part.bytes.length, part.memorySize, align];
  words.forEach((word, index) => view.setBigUint64(at + 8 + index * 8, BigInt(word), true));
}
