/** Whoever starts something that has a terminal, and stays: keys and sizes go there. */

import type { Fd } from "../../ffi/fd.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { openSocketPair, receiveDescriptor, type SocketPair } from "../../ffi/unix_socket.ts";
import { hangUp } from "./hang_up.ts";
import { Keyboard, type KeyboardOptions } from "./keyboard.ts";

/** The line on which the terminal comes from the program, and the keyboard that it is for. */
export class TerminalClient {
  readonly #pair: SocketPair = unwrap(openSocketPair(), "make a pair of sockets");
  readonly #keyboard: Keyboard;

  constructor(options: Omit<KeyboardOptions, "hasTerminal" | "isTyping">) {
    this.#keyboard = new Keyboard({
      ...options,
      hasTerminal: true,
      isTyping: options.settings !== undefined,
    });
  }

  /** The program's end of the line. */
  get theirs(): Fd {
    return this.#pair.theirs;
  }

  /** Settled when the keys were typed. */
  get left(): Promise<void> {
    return this.#keyboard.left;
  }

  /** From here on every key is the container's. */
  makeRaw(): void {
    this.#keyboard.makeRaw();
  }

  /** Takes the terminal, which the program has sent by now. */
  begin(): void {
    this.#pair.theirs[Symbol.dispose]();
    const master = receiveDescriptor(this.#pair.ours.number);
    // Without it the container goes on, and what it writes is still shown.
    if (master.ok) this.#keyboard.begin(master.value);
  }

  /** Nobody is left to see what the container does, process 1 of which that is. */
  hangUp(pidfd: Fd, pid: number): void {
    hangUp(pidfd, pid);
  }

  end(how: { readonly isInOrder?: boolean } = {}): void {
    this.#pair[Symbol.dispose]();
    this.#keyboard.end(how);
  }
}
