/** Takes what commands write that have this process's standard output and error: the beginning of it. */

import { openPipe, readAsync } from "../../ffi/descriptor.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";

/** Docker keeps so much of a health check, in bytes. */
const MAX_BYTES = 4096;
const OUTPUTS = [1, 2] as const;

/** From its making on, what is written to descriptors 1 and 2 is taken. Nothing restores them: /dev/null follows. */
export class CapturedOutput implements Disposable {
  readonly #reader;
  readonly #done: Promise<void>;
  readonly #kept = new Uint8Array(MAX_BYTES);
  #length = 0;

  constructor() {
    const { reader, writer } = unwrap(openPipe(), "make a pipe");
    this.#reader = reader;
    for (const output of OUTPUTS) syscall("dup3", writer.number, output, 0);
    writer[Symbol.dispose]();
    this.#done = this.#read();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    while (true) {
      const got = await readAsync(this.#reader.number, buffer);
      if (!got.ok || got.value === 0) return;
      // What is more than that is read, so that its writer goes on.
      const part = buffer.subarray(0, Math.min(got.value, MAX_BYTES - this.#length));
      this.#kept.set(part, this.#length);
      this.#length += part.length;
    }
  }

  /** Gives what was written, once nobody else has the descriptors any more. */
  async finish(): Promise<string> {
    this.#release();
    await this.#done;
    return new TextDecoder().decode(this.#kept.subarray(0, this.#length));
  }

  #release(): void {
    using nothing = unwrap(openPath("/dev/null", { flags: O.O_RDWR }), "open /dev/null");
    for (const output of OUTPUTS) syscall("dup3", nothing.number, output, 0);
  }

  [Symbol.dispose](): void {
    this.#release();
    this.#reader[Symbol.dispose]();
  }
}
