/**
 * The instruction: ten 64-bit words, little-endian. Pure.
 *
 * | word | meaning |
 * |---|---|
 * | 0 | number of the system call; {@link EVALUATE} for the one instruction that is none |
 * | 1-6 | arguments |
 * | 7 | address of the instruction to go to when the result is an error (-4095 to -1); 0: the next one |
 * | 8 | address of the instruction to go to when the result is 0; 0: the next one |
 * | 9 | address of the word that takes the result; 0: nowhere |
 *
 * An error that goes somewhere is also written down: {address of the instruction, -errno} in the two words at
 * {@link LAYOUT}.fault. `EVALUATE` computes `(word[a1] & a2) + word[a3] * a4 + a5`: copy, add, test, compare, jump.
 */

/** Where the parts of a program lie in memory. Fixed, so that an address is known as soon as a thing is laid down. */
export const LAYOUT = {
  /** ELF header and interpreter, readable and executable. */
  code: 0x400000,
  /** Two words: the instruction that failed last, and its negative errno. The segment is readable and writable. */
  fault: 0x800000,
  /** A word that is always 0. */
  zero: 0x800010,
  /** The first instruction. */
  instructions: 0x800020,
  /** Strings, structures, pointers. */
  data: 0x1000000,
  /** Buffers that start as zeros and take no room in the file. */
  buffers: 0x10000000,
} as const;

/** Words of an instruction. */
export const WORDS = 10;
/** Bytes of an instruction: the interpreter steps by it. */
export const STRIDE = WORDS * 8;
/** Byte offset of argument `index` (0 to 5) inside an instruction. */
export const ARGUMENT_OFFSET = (index: number): number => 8 * (index + 1);

/** Any negative number would do: the interpreter looks at the sign. */
export const EVALUATE = -1;

/** A signed 64-bit value: a number while that is exact, else a bigint. */
export type Word = number | bigint;

/** One instruction with every address known. */
export interface Instruction {
  readonly number: Word;
  readonly args: readonly [Word, Word, Word, Word, Word, Word];
  readonly onError: Word;
  readonly onZero: Word;
  readonly store: Word;
}

/** A program ready to be written: its instructions, its data, and the room it needs for buffers. */
export interface Program {
  /** The segment that starts at {@link LAYOUT}.fault: fault words, zero word, instructions. */
  readonly table: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly buffersSize: number;
}

/** Address of the instruction with that index. */
export function instructionAddress(index: number): number {
  return LAYOUT.instructions + index * STRIDE;
}

/** Index of the instruction at that address. */
export function instructionIndex(address: number): number {
  return (address - LAYOUT.instructions) / STRIDE;
}

/** Writes a signed 64-bit value at a byte offset. */
export function putWord(view: DataView, offset: number, value: Word): void {
  if (typeof value === "bigint") return view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  view.setUint32(offset, value >>> 0, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000) >>> 0, true);
}

/** Reads a signed 64-bit value: a number where that is exact. */
export function takeWord(view: DataView, offset: number): Word {
  const value = view.getBigInt64(offset, true);
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

/**
 * Writes a signed 64-bit value into a table that was zeros there; `at` counts words of 32 bits. The table is
 * little-endian as both machines are. Most values are small: their high half is 0 already.
 */
export function putHalves(table: Int32Array, at: number, value: Word): void {
  if (typeof value === "bigint") {
    table[at] = Number(BigInt.asIntN(32, value));
    table[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
    return;
  }
  table[at] = value;
  if (value < 0 || value > 0xffff_ffff) table[at + 1] = Math.floor(value / 0x1_0000_0000);
}

/** Reads the instructions of a program. */
export function disassemble({ table }: Pick<Program, "table">): Instruction[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const found: Instruction[] = [];
  const start = LAYOUT.instructions - LAYOUT.fault;
  for (let offset = start; offset + STRIDE <= table.length; offset += STRIDE) {
    const word = (index: number) => takeWord(view, offset + 8 * index);
    found.push({
      number: word(0),
      args: [word(1), word(2), word(3), word(4), word(5), word(6)],
      onError: word(7),
      onZero: word(8),
      store: word(9),
    });
  }
  return found;
}
