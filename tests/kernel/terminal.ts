/** A terminal for tests: what a user types at and looks at, with a program at its other end. */

import { equal } from "node:assert/strict";
import { AT_FDCWD } from "../../ffi/constants/open.ts";
import { SIG } from "../../ffi/constants/process.ts";
import { TIO } from "../../ffi/constants/terminal.ts";
import { cString } from "../../ffi/cstring.ts";
import { readAsync, writeAllAsync } from "../../ffi/descriptor.ts";
import { Fd } from "../../ffi/fd.ts";
import { O } from "../../ffi/machine.ts";
import { outcome, unwrap } from "../../ffi/outcome.ts";
import { awaitInputAsync } from "../../ffi/poll.ts";
import { kill, waitPidAsync } from "../../ffi/process.ts";
import { spawn } from "../../ffi/spawn.ts";
import { syscall } from "../../ffi/syscall.ts";
import { applySettings, applySize, readSettings, type TerminalSize } from "../../ffi/terminal.ts";
import { exitCodeOf } from "../../ffi/wait_status.ts";
import type { Box } from "./box.ts";

const FLAGS = O.O_RDWR | O.O_NOCTTY | O.O_CLOEXEC;
const SIZE: TerminalSize = { rows: 24, columns: 80 };
const PATIENCE_MS = 20_000;

/** How it begins. */
export interface TerminalOptions {
  readonly size?: TerminalSize;
  /** Whether what comes is read only when {@link Terminal.resume} says so. */
  readonly isSlow?: boolean;
}

/** A terminal with a program that runs at it, in a session of its own. */
export class Terminal implements AsyncDisposable {
  /** All that came, as bytes that are characters. */
  seen = "";
  /** The program that was started there. */
  readonly pid: number;
  readonly #master: Fd;
  /** Kept open, so that the settings can be looked at when the program is gone. */
  readonly #slave: Fd;
  readonly #ended: Promise<number>;
  #reading: Promise<void> | undefined;
  /** Up to where {@link until} has looked. */
  #from = 0;
  #isOver = false;
  #wake = () => {};

  /** Runs words of a box, as its user. */
  constructor(
    box: Pick<Box, "work" | "env">,
    words: readonly string[],
    { size = SIZE, isSlow = false }: TerminalOptions = {},
  ) {
    this.#master = new Fd(
      unwrap(outcome(syscall("openat", AT_FDCWD, cString("/dev/ptmx"), FLAGS)), "open /dev/ptmx"),
    );
    const master = this.#master.number;
    unwrap(outcome(syscall("ioctl", master, TIO.TIOCSPTLCK, new Int32Array(1))), "unlock the terminal");
    this.#slave = new Fd(unwrap(outcome(syscall("ioctl", master, TIO.TIOCGPTPEER, FLAGS)), "open it"));
    unwrap(applySize(master, size), "set its size");
    const slave = this.#slave.number;
    this.pid = unwrap(
      spawn({
        path: "/usr/bin/env",
        argv: ["env", "-C", box.work, "setsid", "--ctty", ...words],
        env: Object.entries(box.env).map(([name, value]) => `${name}=${value}`),
        descriptors: [[slave, 0], [slave, 1], [slave, 2]],
      }),
      "start the program",
    );
    this.#ended = waitPidAsync(this.pid).then((status) => exitCodeOf(unwrap(status, "wait")));
    if (!isSlow) this.resume();
  }

  /** The settings of the terminal, as it is now. */
  get settings(): string {
    return unwrap(readSettings(this.#slave.number), "read the settings").toHex();
  }

  set settings(settings: string) {
    unwrap(applySettings(this.#slave.number, Uint8Array.fromHex(settings)), "change the settings");
  }

  /** Closes the window: whoever is at the terminal is hung up. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#reading;
    this.#slave[Symbol.dispose]();
    this.#master[Symbol.dispose]();
  }

  resume(): void {
    this.#reading ??= this.#read();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    while (!this.#isOver) {
      // Whoever runs on has the other end open still: there may be no end of file.
      if (!(await awaitInputAsync(this.#master.number, 100))) continue;
      const count = await readAsync(this.#master.number, buffer);
      if (!count.ok || count.value === 0) break;
      this.seen += String.fromCharCode(...buffer.subarray(0, count.value));
      this.#wake();
    }
  }

  async type(text: string): Promise<void> {
    unwrap(await writeAllAsync(this.#master.number, new TextEncoder().encode(text)), "type");
  }

  resize(size: TerminalSize): void {
    unwrap(applySize(this.#master.number, size), "set the size");
  }

  /** Waits until that comes, behind what was waited for before; gives what came up to there. */
  async until(wanted: string | RegExp): Promise<string> {
    const end = Date.now() + PATIENCE_MS;
    while (true) {
      const rest = this.seen.slice(this.#from);
      const found = typeof wanted === "string" ? rest.indexOf(wanted) : rest.search(wanted);
      if (found >= 0) {
        const length = typeof wanted === "string" ? wanted.length : wanted.exec(rest)![0].length;
        this.#from += found + length;
        return rest.slice(0, found + length);
      }
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${wanted} did not come, but ${JSON.stringify(rest)}`);
      await this.#more(left);
    }
  }

  async #more(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, Math.min(milliseconds, 500));
    });
    clearTimeout(timer);
  }

  /** Types a line, and waits for what it prints. */
  async line(text: string, wanted: string | RegExp): Promise<string> {
    await this.type(`${text}\r`);
    return await this.until(wanted);
  }

  /** Waits for the program's end; gives its exit code. */
  async end(): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        kill(this.pid, SIG.SIGKILL);
        reject(new Error(`it goes on: ${JSON.stringify(this.seen.slice(-500))}`));
      }, PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The same, and looks at what is expected of the code. */
  async endsWith(code: number): Promise<void> {
    equal(await this.end(), code, JSON.stringify(this.seen.slice(-500)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.pid, SIG.SIGKILL);
    await this.#ended;
    this.#isOver = true;
    await this.#reading;
    this.#slave[Symbol.dispose]();
    this.#master[Symbol.dispose]();
  }
}
