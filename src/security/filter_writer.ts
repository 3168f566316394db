/**
 * Writes a classic BPF program from its end to its beginning. Pure.
 *
 * Jumps go forward only, so that a jump's targets are there when it is written, and its distance is known. A distance
 * has 8 bits: where it is longer, the verdict is written again nearby, or a jump of 32 bits, which is a trampoline.
 *
 * Source: include/uapi/linux/filter.h; Documentation/networking/filter.rst.
 */

import { BPF, BPF_MAXINSNS, SOCK_FILTER_SIZE } from "../../ffi/constants/seccomp.ts";
import { CtrError } from "../errors.ts";

/** A place in the program: how many instructions stand from it to the end, less one. */
export type Place = number;

/** Comparisons of the accumulator with a constant. */
export type JumpCode = "JEQ" | "JGT" | "JGE";

/** Where a comparison leads. */
export interface Ways {
  readonly onTrue: Place;
  readonly onFalse: Place;
}

const LOAD = BPF.BPF_LD | BPF.BPF_W | BPF.BPF_ABS;
const AND = BPF.BPF_ALU | BPF.BPF_AND | BPF.BPF_K;
const ALWAYS = BPF.BPF_JMP | BPF.BPF_JA;
const RETURN = BPF.BPF_RET | BPF.BPF_K;

const JUMPS: Readonly<Record<JumpCode, number>> = {
  JEQ: BPF.BPF_JMP | BPF.BPF_JEQ | BPF.BPF_K,
  JGT: BPF.BPF_JMP | BPF.BPF_JGT | BPF.BPF_K,
  JGE: BPF.BPF_JMP | BPF.BPF_JGE | BPF.BPF_K,
};

const LONGEST = 255;

/** A program that grows towards its beginning. */
export class FilterWriter {
  /** Each instruction is two words, as it stands in memory on a little-endian machine. */
  readonly #heads: number[] = [];
  readonly #constants: number[] = [];
  /** The nearest copy of each verdict. */
  readonly #verdicts = new Map<number, Place>();

  /** Gives a place that returns this verdict, at most as far away as a jump reaches. */
  verdict(action: number, reach: number = LONGEST): Place {
    const place = this.#verdicts.get(action);
    if (place !== undefined && this.#distance(place) <= reach) return place;
    const copy = this.#push(RETURN, action);
    this.#verdicts.set(action, copy);
    return copy;
  }

  /** Compares the accumulator. Where both ways are one there is nothing to compare, and nothing is written. */
  compare(code: JumpCode, constant: number, { onTrue, onFalse }: Ways): Place {
    if (onTrue === onFalse) return onTrue;
    // Bringing the second one near may add one instruction.
    const no = this.#bringNear(onFalse, LONGEST - 1);
    const yes = this.#bringNear(onTrue, LONGEST);
    return this.#push(JUMPS[code] | this.#distance(yes) << 16 | this.#distance(no) << 24, constant);
  }

  /** Makes what is written next lead to a place, which need not be the one that was written last. */
  goTo(place: Place): void {
    const distance = this.#distance(place);
    if (distance === 0) return;
    const isVerdict = this.#heads[place] === RETURN;
    this.#push(isVerdict ? RETURN : ALWAYS, isVerdict ? this.#constants[place] ?? 0 : distance);
  }

  /** Loads a word of the call's data, before what was written last. */
  load(offset: number): Place {
    return this.#push(LOAD, offset);
  }

  /** Keeps some bits of the accumulator, before what was written last. */
  and(mask: number): Place {
    return this.#push(AND, mask);
  }

  /**
   * Gives the program's bytes, `struct sock_filter[]`.
   *
   * @throws {CtrError} code "unsupported" if it has more instructions than the kernel takes
   */
  finish(): Uint8Array<ArrayBuffer> {
    const count = this.#heads.length;
    if (count > BPF_MAXINSNS) {
      throw new CtrError(
        "unsupported",
        `Cannot make a seccomp filter of ${count} instructions: the kernel takes ${BPF_MAXINSNS}`,
        { hint: "Use fewer conditions on arguments in the seccomp profile" },
      );
    }
    const bytes = new Uint8Array(count * SOCK_FILTER_SIZE);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < count; index++) {
      const at = (count - 1 - index) * SOCK_FILTER_SIZE;
      view.setUint32(at, this.#heads[index] ?? 0, true);
      view.setUint32(at + 4, this.#constants[index] ?? 0, true);
    }
    return bytes;
  }

  /** How many instructions lie between one that is written now and a place. */
  #distance(place: Place): number {
    return this.#heads.length - place - 1;
  }

  #bringNear(place: Place, reach: number): Place {
    const distance = this.#distance(place);
    if (distance <= reach) return place;
    const constant = this.#constants[place] ?? 0;
    return this.#heads[place] === RETURN ? this.verdict(constant, reach) : this.#push(ALWAYS, distance);
  }

  #push(head: number, constant: number): Place {
    this.#constants.push(constant >>> 0);
    return this.#heads.push(head >>> 0) - 1;
  }
}
