/** The keys that leave a container to itself. Pure. */

import { CtrError } from "../errors.ts";

/** Bytes as a terminal sends them, one after the other; none: no key does it. */
export type DetachKeys = readonly number[];

/** Docker's and podman's: ctrl-p, ctrl-q. */
export const DETACH_KEYS: DetachKeys = [0x10, 0x11];

/** With ctrl, a terminal sends a character's low five bits. */
const CTRL_BITS = 0x1f;
const CTRL = /^ctrl-([a-z@[\\\]^_])$/i;
const MAX_KEYS = 16;

/**
 * Parses `ctrl-p,ctrl-q`, `ctrl-],q`: a character, or ctrl with a letter or one of @[\]^_. Nothing at all is no key, as
 * podman has it; docker takes the usual ones then.
 *
 * @throws {CtrError} code "usage"
 */
export function parseDetachKeys(text: string): DetachKeys {
  if (text === "") return [];
  const keys = text.split(",").map((word) => parseKey(word, text));
  if (keys.length <= MAX_KEYS) return keys;
  throw refused(text, `more than ${MAX_KEYS} keys`);
}

function parseKey(word: string, text: string): number {
  const ctrl = CTRL.exec(word)?.[1];
  if (ctrl !== undefined) return ctrl.toUpperCase().charCodeAt(0) & CTRL_BITS;
  if (/^[ -~]$/.test(word)) return word.charCodeAt(0);
  throw refused(text, `${JSON.stringify(word)} is no key`);
}

function refused(text: string, why: string): CtrError {
  return new CtrError("usage", `Cannot use detach keys ${JSON.stringify(text)}: ${why}`, {
    hint: 'Write characters, or "ctrl-" with a letter or one of @[\\]^_, such as ctrl-p,ctrl-q',
  });
}

/** What becomes of keys. */
export interface Scanned {
  /** What is for the container. */
  readonly passed: Uint8Array<ArrayBuffer>;
  /** Whether the keys were there: what was typed behind them is nobody's. */
  readonly isDetached: boolean;
}

/** Looks for the keys in what is typed. The beginning of them is held back until it is known what it is. */
export class DetachScanner {
  readonly #keys: DetachKeys;
  /** How many of the keys are there. */
  #held = 0;

  constructor(keys: DetachKeys) {
    this.#keys = keys;
  }

  /** Whether something is held back: it is to be released when no other key follows soon. */
  get isHolding(): boolean {
    return this.#held > 0;
  }

  scan(bytes: Uint8Array): Scanned {
    const passed: number[] = [];
    for (const byte of bytes) {
      this.#take(byte, passed);
      if (this.#keys.length > 0 && this.#held === this.#keys.length) {
        this.#held = 0;
        return { passed: Uint8Array.from(passed), isDetached: true };
      }
    }
    return { passed: Uint8Array.from(passed), isDetached: false };
  }

  /** Gives what is held back: it was not the beginning of the keys. */
  release(): Uint8Array<ArrayBuffer> {
    const held = Uint8Array.from(this.#keys.slice(0, this.#held));
    this.#held = 0;
    return held;
  }

  #take(byte: number, passed: number[]): void {
    const keys = this.#keys;
    // The longest beginning that what is there by now still may be: of `a,a,b`, after `a,a`, another `a` keeps two.
    const typed = [...keys.slice(0, this.#held), byte];
    for (let length = Math.min(typed.length, keys.length); length > 0; length--) {
      const from = typed.length - length;
      if (keys.slice(0, length).every((key, index) => key === typed[from + index])) {
        passed.push(...typed.slice(0, from));
        this.#held = length;
        return;
      }
    }
    passed.push(...typed);
    this.#held = 0;
  }
}
