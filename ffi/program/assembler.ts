/**
 * Builds a program: lays down data, emits instructions, resolves labels. Pure.
 *
 * A word that is known only while the program runs (a descriptor, a pid) has a place in memory; an argument that
 * names such a place becomes an `EVALUATE` before the call, which copies the word into the call's own argument.
 */

import {
  ARGUMENT_OFFSET,
  EVALUATE,
  type Instruction,
  instructionAddress,
  LAYOUT,
  type Program,
  putWord,
  type Word,
} from "./instruction.ts";

/** A word in memory, or 32 bits of it: what the kernel writes for an `int`. */
export interface Place {
  readonly address: number;
  /** Bits that count; all when absent. */
  readonly mask?: Word;
}

/** An argument: a value, or the word that a place will hold by then. */
export type Operand = Word | Place;

/** Where to go, by name; resolved by {@link Assembler.link}. */
export type Label = string;

/** What {@link Assembler.emit} takes besides number and arguments. */
export interface Flow {
  readonly onError?: Label | undefined;
  readonly onZero?: Label | undefined;
  readonly store?: number | undefined;
}

interface Pending {
  readonly number: Word;
  readonly args: Word[];
  readonly flow: Flow;
}

const encoder = new TextEncoder();
const ALL_BITS = -1;

/** An assembler for one program. */
export class Assembler {
  #data = new Uint8Array(16 * 1024);
  #view = new DataView(this.#data.buffer);
  #dataSize = 0;
  #buffersSize = 0;
  readonly #strings = new Map<string, number>();
  readonly #pending: Pending[] = [];
  readonly #labels = new Map<Label, number>();

  /** Index of the instruction that comes next. */
  get next(): number {
    return this.#pending.length;
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

  /** Names the place where the next instruction will be. */
  label(name: Label): void {
    if (this.#labels.has(name)) throw new TypeError(`label ${name} stands twice`);
    this.#labels.set(name, this.next);
  }

  /** Emits one call; gives the index of its instruction. */
  emit(number: Word, operands: readonly Operand[], flow: Flow = {}): number {
    const moved = operands.flatMap((operand, index) =>
      typeof operand === "object" ? [{ operand, index }] : []
    );
    const index = this.next + moved.length;
    for (const { operand, index: argument } of moved) {
      this.copy(operand, instructionAddress(index) + ARGUMENT_OFFSET(argument));
    }
    const args = operands.map((operand) => typeof operand === "object" ? 0 : operand);
    this.#pending.push({ number, args, flow });
    return index;
  }

  /** Emits `to = from + addend`, and a jump to `onZero` when that is 0. */
  copy(from: Place, to: number | undefined, addend: Word = 0, flow: Flow = {}): void {
    const args = [from.address, from.mask ?? ALL_BITS, LAYOUT.zero, 0, addend];
    this.#pending.push({ number: EVALUATE, args, flow: { ...flow, store: to } });
  }

  /** Emits `to += from * factor`, and a jump to `onZero` when that is 0. */
  add(to: number, from: Place, factor: Word, flow: Flow = {}): void {
    const args = [to, ALL_BITS, from.address, factor, 0];
    this.#pending.push({ number: EVALUATE, args, flow: { ...flow, store: to } });
  }

  /** Emits a result: the next thing to happen is what a call with that result would do. */
  result(value: Word, flow: Flow): void {
    const args = [LAYOUT.zero, 0, LAYOUT.zero, 0, value];
    this.#pending.push({ number: EVALUATE, args, flow });
  }

  /** Emits a jump. */
  jump(to: Label): void {
    this.result(0, { onZero: to });
  }

  /** Resolves every label. @throws {TypeError} on a label that is nowhere */
  link(): Program {
    const address = (label: Label | undefined): number => {
      if (label === undefined) return 0;
      const index = this.#labels.get(label);
      if (index === undefined) throw new TypeError(`label ${label} is nowhere`);
      return instructionAddress(index);
    };
    const instructions = this.#pending.map(({ number, args, flow }): Instruction => ({
      number,
      args: [args[0] ?? 0, args[1] ?? 0, args[2] ?? 0, args[3] ?? 0, args[4] ?? 0, args[5] ?? 0],
      onError: address(flow.onError),
      onZero: address(flow.onZero),
      store: flow.store ?? 0,
    }));
    return { instructions, data: this.#data.slice(0, this.#dataSize), buffersSize: this.#buffersSize };
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
