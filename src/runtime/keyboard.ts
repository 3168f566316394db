/** What is typed here goes to a container, until the keys come that end that. */

import { readAsync, writeAllAsync } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { applySettings, applySize, rawSettings } from "../../ffi/terminal.ts";
import { CtrError } from "../errors.ts";
import { maybeReadSize } from "../host/read_terminal.ts";
import { DETACH_KEYS, type DetachKeys, DetachScanner } from "../spec/detach_keys.ts";

const STDIN = 0;
const BUFFER_SIZE = 16 * 1024;
/** How long the first of the keys is held back: fingers are faster, and a program that wants it itself has it then. */
const HOLDING_MS = 250;

/**
 * Refuses to read keys from what is no terminal: who types would see nothing, and a file would be taken for keys.
 *
 * @throws {CtrError} code "usage"
 */
export function refuseNoTerminal(
  { isTyping, hint = "Leave out -t to pass the input on as it is, or -i to pass nothing on" }: {
    readonly isTyping: boolean;
    readonly hint?: string;
  },
): void {
  if (!isTyping || Deno.stdin.isTerminal()) return;
  throw new CtrError("usage", "Cannot read keys for the terminal: standard input is no terminal", {
    hint,
  });
}

/** Of a keyboard. */
export interface KeyboardOptions {
  /** The settings of this terminal, where it is to be raw while the container has the keys. */
  readonly settings?: Uint8Array<ArrayBuffer> | undefined;
  readonly keys?: DetachKeys | undefined;
  /** Whether anything that is typed is passed on. */
  readonly isTyping: boolean;
  /** Whether it is passed to a terminal, which has a size as this one has. */
  readonly hasTerminal: boolean;
}

/** The caller's keyboard, and the size of its terminal. */
export class Keyboard {
  readonly #options: KeyboardOptions;
  readonly #scanner: DetachScanner;
  readonly #listeners: (readonly [signal: Deno.Signal, listener: () => void])[] = [];
  readonly #left = Promise.withResolvers<void>();
  readonly #isTerminal = Deno.stdin.isTerminal();
  #isOver = false;
  #input: Fd | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
    this.#scanner = new DetachScanner(options.keys ?? DETACH_KEYS);
  }

  /** Settled when the keys were typed. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** From here on every key is the container's. */
  makeRaw(): void {
    const { settings } = this.#options;
    if (settings !== undefined) applySettings(STDIN, rawSettings(settings));
  }

  /** Passes keys and sizes on to `input`, and closes it at the end. */
  begin(input: Fd): void {
    const { isTyping, hasTerminal, settings } = this.#options;
    this.#input = input;
    if (hasTerminal) {
      // First the ear: a size that changes in between would be told to nobody.
      this.#listen("SIGWINCH", () => this.#passSize());
      this.#passSize();
    }
    // After a stop, whoever had the terminal meanwhile has left it as he likes it.
    if (settings !== undefined) this.#listen("SIGCONT", () => (this.makeRaw(), this.#passSize()));
    if (isTyping) void this.#passKeys(input);
  }

  /** Has programs at the terminal draw anew what somebody has not seen: they do so for another size. */
  redraw(): void {
    const size = maybeReadSize();
    if (size === undefined || !this.#input?.isOpen) return;
    applySize(this.#input.number, { ...size, rows: size.rows + 1 });
    applySize(this.#input.number, size);
  }

  #listen(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.push([signal, listener]);
  }

  #passSize(): void {
    const size = maybeReadSize();
    if (size !== undefined && this.#input?.isOpen) applySize(this.#input.number, size);
  }

  async #passKeys(input: Fd): Promise<void> {
    const buffer = new Uint8Array(BUFFER_SIZE);
    while (true) {
      const count = await readAsync(STDIN, buffer);
      if (!count.ok || count.value === 0 || !input.isOpen) return;
      this.#stopTimer();
      const { passed, isDetached } = this.#scan(buffer.slice(0, count.value));
      if (passed.length > 0 && !(await writeAllAsync(input.number, passed)).ok) return;
      if (isDetached) return this.#left.resolve();
      if (this.#scanner.isHolding) this.#timer = setTimeout(() => this.#release(input), HOLDING_MS);
    }
  }

  /** A file that happens to hold the keys is no wish to leave. */
  #scan(bytes: Uint8Array<ArrayBuffer>): ReturnType<DetachScanner["scan"]> {
    return this.#isTerminal ? this.#scanner.scan(bytes) : { passed: bytes, isDetached: false };
  }

  #release(input: Fd): void {
    if (input.isOpen) void writeAllAsync(input.number, this.#scanner.release());
  }

  /** Its first use costs some milliseconds: without a timer there is none. */
  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Lets go of the container, and puts the terminal in order; with `isInOrder`, another process has done that. Once. */
  end({ isInOrder = false } = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const [signal, listener] of this.#listeners.splice(0)) Deno.removeSignalListener(signal, listener);
    this.#stopTimer();
    this.#input?.[Symbol.dispose]();
    const { settings } = this.#options;
    if (settings !== undefined && !isInOrder) applySettings(STDIN, settings);
  }
}
