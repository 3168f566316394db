/** Writes logs for tests, as a relay does. */

import { FRAME, LOG_HEAD_SIZE, LOG_LOST_OFFSET, LOG_MAGIC } from "../plan/frame.ts";

/** Writes a log as a relay does. */
export class SampleRelay implements Disposable {
  readonly directory: string;
  readonly maxFiles: number;
  readonly #path: string;
  #file: Deno.FsFile;
  #lost = 0;
  readonly #isFirst: boolean;
  /** The time of the next frame. */
  second = 1_700_000_000;

  /** In a directory of its own, or in that of the relay of the other stream. */
  constructor(maxFiles: number, other?: SampleRelay) {
    this.maxFiles = maxFiles;
    this.directory = other?.directory ?? Deno.makeTempDirSync({ prefix: "myctr-log-" });
    this.#path = `${this.directory}/logs/${other === undefined ? "stdout" : "stderr"}`;
    this.#isFirst = other === undefined;
    if (this.#isFirst) Deno.mkdirSync(`${this.directory}/logs`);
    this.#file = this.#begin();
  }

  #begin(): Deno.FsFile {
    const file = Deno.openSync(`${this.#path}.new`, { create: true, write: true, truncate: true });
    file.writeSync(new TextEncoder().encode(LOG_MAGIC));
    file.writeSync(new Uint8Array(LOG_HEAD_SIZE - LOG_MAGIC.length));
    for (let age = this.maxFiles - 2; age >= 0; age--) this.#rename(this.#name(age), this.#name(age + 1));
    this.#rename(`${this.#path}.new`, this.#path);
    return file;
  }

  #rename(from: string, to: string): void {
    try {
      Deno.renameSync(from, to);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #name(age: number): string {
    return age === 0 ? this.#path : `${this.#path}.${age}`;
  }

  frame(content: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(FRAME.size + content.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(FRAME.time, BigInt(this.second++), true);
    view.setBigUint64(FRAME.length, BigInt(content.length), true);
    view.setBigUint64(FRAME.value, BigInt(this.#lost), true);
    bytes.set(content, FRAME.size);
    return bytes;
  }

  write(content: Uint8Array): void {
    this.writeBytes(this.frame(content));
  }

  writeBytes(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#file.writeSync(rest));
  }

  /** As on a full disk: a part is written, and taken back. */
  lose(content: Uint8Array, between: () => void): void {
    const size = this.#file.seekSync(0, Deno.SeekMode.Current);
    this.writeBytes(this.frame(content).subarray(0, Math.floor(content.length / 2)));
    between();
    this.#file.truncateSync(size);
    this.#lost += content.length;
    const word = new Uint8Array(8);
    new DataView(word.buffer).setBigUint64(0, BigInt(this.#lost), true);
    this.#file.seekSync(LOG_LOST_OFFSET, Deno.SeekMode.Start);
    this.writeBytes(word);
    this.#file.seekSync(size, Deno.SeekMode.Start);
  }

  /** As another start of the container does. */
  restart(): void {
    this.#file.seekSync(0, Deno.SeekMode.End);
    this.#lost = 0;
  }

  rotate(): void {
    this.#file.close();
    this.#file = this.#begin();
    this.#lost = 0;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (this.#isFirst) Deno.removeSync(this.directory, { recursive: true });
  }
}

/** Gives at least one byte. */
export function randomBytes(random: () => number, most: number): Uint8Array {
  return Uint8Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * 256));
}
