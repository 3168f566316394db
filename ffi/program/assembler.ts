/**
 * Builds a program: lays down data, emits instructions, resolves labels. Pure.
 *
 * A word that is known only while the program runs (a descriptor, a pid) has a place in memory; an argument that
 * names such a place becomes an `EVALUATE` before the call, which copies the word into the call's own argument.
 */

import {
  ARGUMENT_OFFSET,
  EVALUATE,
  instructionAddress,
  LAYOUT,
  type Program,
  putHalves,
  putWord,
  type Word,
  WORDS,
} from "./instruction.ts";

/** A word in memory, or 32 bits of it: what the kernel writes for an `int`. */
export interface Place {
  readonly address: number;
  /** Bits that count; all when absent. */
  readonly mask?: Word;
}

/** An address that is known once the whole program is: see {@link Assembler.mark}. */
export interface Mark {
  readonly mark: string;
}

/** An argument: a value, or the word that a place will hold by then. */
export type Operand = Word | Place | Mark;

/** Where to go, by name; resolved by {@link Assembler.link}. */
export type Label = string;

/** What {@link Assembler.emit} takes besides number and arguments. */
export interface Flow {
  readonly onError?: Label | undefined;
  readonly onZero?: Label | undefined;
  readonly store?: number | undefined;
}

/** A jump to a label that may not be known yet. */
interface Jump {
  /** Where the address goes, in halves. */
  readonly at: number;
  readonly label: Label;
}

const encoder = new TextEncoder();
const ALL_BITS = -1;
const NOWHERE: Flow = {};
const NOTHING: Place = { address: LAYOUT.zero, mask: 0 };

/** The table is written in halves of a word, 32 bits each: most values fit one. */
const HALVES = WORDS * 2;
const FIRST = (LAYOUT.instructions - LAYOUT.fault) / 4;
const OTHER = 6;
const FACTOR = 8;
const ON_ERROR = 14;
const ON_ZERO = 16;
const STORE = 18;

/** An assembler for one program. */
export class Assembler {
  #data = new Uint8Array(16 * 1024);
  #view = new DataView(this.#data.buffer);
  #dataSize = 0;
  #buffersSize = 0;
  readonly #strings = new Map<string, number>();
  #table = new Int32Array(16 * 1024);
  #count = 0;
  readonly #jumps: Jump[] = [];
  readonly #labels = new Map<Label, number>();
  readonly #marked: { readonly at: number; readonly mark: string }[] = [];
  readonly #marks = new Map<string, number>();

  /** Index of the instruction that comes next. */
  get next(): number {
    return this.#count;
  }

  /** Lays down bytes, aligned to a word; gives their address. */
  bytes(bytes: Uint8Array): number {
    const offset = this.#take(bytes.length);
    this.#data.set(bytes, offset);
    return LAYOUT.data + offset;
  }

  /** Lays down a text as NUL-terminated UTF-8, the same text once. @throws {TypeError} on a NUL in it */
  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (text.includes("\0")) throw new TypeError("text for the kernel contains NUL");
    const address = this.bytes(encoder.encode(text + "\0"));
    this.#strings.set(text, address);
    return address;
  }

  /** Lays down words one after the other. */
  words(values: readonly Word[]): number {
    const offset = this.#take(values.length * 8);
    values.forEach((value, index) => putWord(this.#view, offset + index * 8, value));
    return LAYOUT.data + offset;
  }

  /** Sets aside `size` bytes of zeros, with a spare word behind them for reads of 64 bits at any place in them. */
  reserve(size: number): number {
    const address = LAYOUT.buffers + this.#buffersSize;
    this.#buffersSize += (size + 15) & ~7;
    return address;
  }

  /** Names the first page behind all instructions up to now, and that behind all data, as {@link Operand}s. */
  markPages(names: { readonly instructions: string; readonly data: string }, pageSize: number): void {
    const up = (address: number) => Math.ceil(address / pageSize) * pageSize;
    this.#marks.set(names.instructions, up(instructionAddress(this.next)));
    this.#marks.set(names.data, up(LAYOUT.data + this.#dataSize));
  }

  /** Names the place where the next instruction will be. */
  label(name: Label): void {
    if (this.#labels.has(name)) throw new TypeError(`label ${name} stands twice`);
    this.#labels.set(name, this.next);
  }

  /** Emits one call; gives the index of its instruction. */
  emit(number: Word, operands: readonly Operand[], flow: Flow = NOWHERE): number {
    const { length } = operands;
    let places = 0;
    for (let each = 0; each < length; each++) if (isPlace(operands[each]!)) places++;
    const index = this.#count + places;
    for (let each = 0; places > 0; each++) {
      const operand = operands[each]!;
      if (!isPlace(operand)) continue;
      this.copy(operand, instructionAddress(index) + ARGUMENT_OFFSET(each));
      places--;
    }
    const at = this.#begin(number, flow);
    for (let each = 0; each < length; each++) {
      const operand = operands[each]!;
      if (operand === 0) continue;
      if (typeof operand !== "object") putHalves(this.#table, at + 2 + 2 * each, operand);
      else if ("mark" in operand) this.#marked.push({ at: at + 2 + 2 * each, mark: operand.mark });
    }
    return index;
  }

  /** Emits `to = from + addend`, and a jump to `onZero` when that is 0. */
  copy(from: Place, to: number | undefined, addend: Word = 0, flow: Flow = NOWHERE): void {
    const at = this.#evaluate(from, addend, flow);
    if (to !== undefined) this.#table[at + STORE] = to;
  }

  /** Emits `to += from * factor`, and a jump to `onZero` when that is 0. */
  add(to: number, from: Place, factor: Word, flow: Flow = NOWHERE): void {
    const at = this.#evaluate({ address: to }, 0, flow);
    this.#table[at + OTHER] = from.address;
    putHalves(this.#table, at + FACTOR, factor);
    this.#table[at + STORE] = to;
  }

  /** Emits a result: the next thing to happen is what a call with that result would do. */
  result(value: Word, flow: Flow): void {
    this.#evaluate(NOTHING, value, flow);
  }

  /** Emits a jump. */
  jump(to: Label): void {
    this.result(0, { onZero: to });
  }

  /** Resolves every label; nothing can be emitted after it. @throws {TypeError} on a label that is nowhere */
  link(): Program {
    const jumps = this.#jumps;
    for (let each = 0; each < jumps.length; each++) {
      const { at, label } = jumps[each]!;
      const index = this.#labels.get(label);
      if (index === undefined) throw new TypeError(`label ${label} is nowhere`);
      this.#table[at] = instructionAddress(index);
    }
    for (const { at, mark } of this.#marked) {
      const address = this.#marks.get(mark);
      if (address === undefined) throw new TypeError(`mark ${mark} is nowhere`);
      this.#table[at] = address;
    }
    const table = new Uint8Array(this.#table.buffer, 0, (FIRST + this.#count * HALVES) * 4);
    return { table, data: this.#data.subarray(0, this.#dataSize), buffersSize: this.#buffersSize };
  }

  /** Begins an instruction; gives its place in the table. */
  #begin(number: Word, flow: Flow): number {
    const at = FIRST + this.#count * HALVES;
    if (at + HALVES > this.#table.length) this.#growTable();
    this.#count++;
    putHalves(this.#table, at, number);
    if (flow === NOWHERE) return at;
    const { onError, onZero, store } = flow;
    if (onError !== undefined) this.#jumps.push({ at: at + ON_ERROR, label: onError });
    if (onZero !== undefined) this.#jumps.push({ at: at + ON_ZERO, label: onZero });
    if (store !== undefined) this.#table[at + STORE] = store;
    return at;
  }

  /** Emits `(word & mask) + other word * factor + addend`, the other one nothing as yet; gives its place in the table. */
  #evaluate({ address, mask }: Place, addend: Word, flow: Flow): number {
    const at = this.#begin(EVALUATE, flow);
    const table = this.#table;
    table[at + 2] = address;
    if (mask === undefined) table[at + 4] = table[at + 5] = ALL_BITS;
    else putHalves(table, at + 4, mask);
    table[at + OTHER] = LAYOUT.zero;
    if (addend !== 0) putHalves(table, at + 10, addend);
    return at;
  }

  #growTable(): void {
    const larger = new Int32Array(this.#table.length * 2);
    larger.set(this.#table);
    this.#table = larger;
  }

  #take(size: number): number {
    const offset = this.#dataSize;
    this.#dataSize += (size + 7) & ~7;
    while (this.#dataSize > this.#data.length) this.#grow();
    return offset;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#data.length * 2);
    larger.set(this.#data);
    this.#data = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function isPlace(operand: Operand): operand is Place {
  return typeof operand === "object" && "address" in operand;
}
