/** A file descriptor with an owner. */

import { syscall } from "./syscall.ts";
import { type Outcome, outcome } from "./outcome.ts";

/**
 * Owns a file descriptor: `using fd = new Fd(number)` closes it at the end of the block.
 *
 * There is no finalizer: a descriptor that is neither disposed nor released stays open.
 */
export class Fd implements Disposable {
  #number: number;

  /** Takes over the open descriptor `number`. */
  constructor(number: number) {
    if (!Number.isInteger(number) || number < 0) throw new TypeError(`${number} is no file descriptor`);
    this.#number = number;
  }

  /**
   * The descriptor's number.
   *
   * @throws {TypeError} it was closed or released: the number may be another file by now.
   */
  get number(): number {
    if (this.#number < 0) throw new TypeError("Cannot use a file descriptor that was closed or released");
    return this.#number;
  }

  get isOpen(): boolean {
    return this.#number >= 0;
  }

  /** Gives up ownership: whoever takes the number closes it. */
  release(): number {
    const number = this.number;
    this.#number = -1;
    return number;
  }

  /** Closes the descriptor; a second time does nothing. */
  [Symbol.dispose](): void {
    if (this.#number < 0) return;
    // close(2) frees the number even when it reports an error: there is nothing to try again.
    syscall("close", this.#number);
    this.#number = -1;
  }
}

/** Wraps the result of a call that gives a descriptor, as {@linkcode outcome} does. */
export function outcomeFd(value: number): Outcome<Fd> {
  const result = outcome(value);
  return result.ok ? { ok: true, value: new Fd(result.value) } : result;
}
