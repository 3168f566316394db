/**
 * One stream of a container's log: its files from the oldest to the newest as one sequence of frames, also while new
 * files are begun. A file that is being read is held open, and so outlives its name.
 */

import { logPath } from "../plan/frame.ts";
import { type Frame, type FrameFile, START } from "./frame_file.ts";
import { openFrameFiles, openNewer } from "./open_frame_files.ts";

/** Something that is missing: so many bytes, or an unknown number. */
export type Loss = number | "unknown";

/** Which stream, and how it is kept. */
export interface LogStreamOptions {
  /** The container's. */
  readonly directory: string;
  readonly name: "stdout" | "stderr";
  readonly maxFiles: number;
}

/** An output stream, as it was written. */
export class LogStream implements Disposable {
  readonly name: "stdout" | "stderr";
  readonly #paths: readonly string[];
  /** Those that are not read to their end; the last one is, or was, the one written to. */
  #files: FrameFile[];
  /** Bytes that this file is known to have lost, and that were told. */
  #lost = 0;
  #losses: Loss[] = [];

  /** @throws {CtrError} code "unsupported" for what is no log */
  constructor({ directory, name, maxFiles }: LogStreamOptions) {
    this.name = name;
    this.#paths = Array.from({ length: maxFiles }, (_, age) => logPath(directory, name, age));
    this.#files = openFrameFiles(this.#paths, START.log);
    for (const file of this.#files) file.checkLog(`${directory}/logs/${name}`);
  }

  /** Its files, for who wants to begin elsewhere. */
  get files(): readonly FrameFile[] {
    return this.#files;
  }

  /** Leaves out what stands before an offset of one of the files. */
  startAt(index: number, offset: number): void {
    for (const file of this.#files.splice(0, index)) file[Symbol.dispose]();
    const [file] = this.#files;
    file?.seek(offset);
    this.#lost = file?.peek()?.value ?? file?.lostBytes() ?? 0;
  }

  /** Goes to the end, as it is now: to where the last whole frame ends. */
  skip(): void {
    this.freeze();
    while (this.peek() !== undefined) this.take();
    this.takeLosses();
    this.release();
  }

  /** From now on what has been written up to now is all there is; undone by {@link release}. */
  freeze(): void {
    for (const file of this.#files) file.limit = file.size();
  }

  release(): void {
    for (const file of this.#files) file.limit = Infinity;
  }

  /** The next frame, which stays the next one until {@link take}; undefined at the end, as it is now. */
  peek(): Frame | undefined {
    while (true) {
      const [file] = this.#files;
      if (file === undefined) return undefined;
      const frame = file.peek();
      if (frame !== undefined) return frame;
      if (this.#files.length === 1) return undefined;
      this.#close();
    }
  }

  /** Goes past the next frame. */
  take(): void {
    this.#files[0]?.take();
  }

  /** What is missing before the next frame, each loss once. */
  takeLosses(): readonly Loss[] {
    this.#note(this.peek()?.value ?? this.#lost);
    if (this.#losses.length === 0) return this.#losses;
    const losses = this.#losses;
    this.#losses = [];
    return losses;
  }

  /** A count that went down is that of a later start. */
  #note(lost: number): void {
    if (lost > this.#lost) this.#losses.push(lost - this.#lost);
    else if (lost < this.#lost && lost > 0) this.#losses.push(lost);
    this.#lost = lost;
  }

  #close(): void {
    const file = this.#files.shift()!;
    this.#note(Math.max(file.lostBytes(), this.#lost));
    this.#lost = 0;
    file[Symbol.dispose]();
  }

  /** Looks whether a new file was begun, and goes on with it. */
  look(): void {
    const { files, isGap } = openNewer(this.#paths, START.log, this.#files.at(-1));
    if (isGap) this.#losses.push("unknown");
    this.#files.push(...files);
  }

  /** Counts what is missing at the end; where nothing more will be written, an unfinished frame too. */
  finish({ isEnded }: { readonly isEnded: boolean }): void {
    const file = this.#files.at(-1);
    if (file === undefined) return;
    this.#note(Math.max(file.lostBytes(), this.#lost));
    const torn = isEnded ? file.tornLength() ?? 0 : 0;
    if (torn > 0) this.#losses.push(torn);
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}
