/** Reads the frames of plan/frame.ts from a file that is still written: whole ones alone, in constant memory. */

import { readAt } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { readStatus } from "../../ffi/file.ts";
import { CtrError } from "../errors.ts";
import { FRAME, LOG_HEAD_SIZE, LOG_LOST_OFFSET, LOG_MAGIC } from "../plan/frame.ts";

/** A frame at hand. */
export interface Frame {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly value: number;
  /** Good until the next frame is asked for. */
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Several frames at once, and at least the longest that a relay writes. */
const BUFFER_SIZE = 256 * 1024;
/** No writer makes longer frames: a head that says so is none. */
const MAX_LENGTH = 16 * 1024 * 1024;
const TWO_TO_32 = 2 ** 32;
const NOTHING = new Uint8Array(0);

/** Where frames begin. */
export const START = { events: 0, log: LOG_HEAD_SIZE } as const;

/** One file of frames, read from front to back. */
export class FrameFile implements Disposable {
  readonly #fd: Fd;
  #buffer = NOTHING;
  #view = new DataView(NOTHING.buffer);
  /** What the buffer holds of the file: from its offset `#base`, `#size` bytes. */
  #base = 0;
  #size = 0;
  #at: number;
  #frame: Frame | undefined;
  #next = 0;
  /** Frames that end behind it are not read. */
  limit = Infinity;

  /** Takes over `fd`. */
  constructor(fd: Fd, start: number) {
    this.#fd = fd;
    this.#at = start;
  }

  /** The offset of the next frame. */
  get offset(): number {
    return this.#at;
  }

  /** Goes on with the frame at an offset. */
  seek(offset: number): void {
    this.#at = offset;
    this.#frame = undefined;
  }

  /** Gives back its memory until it is read again. */
  rest(): void {
    this.#buffer = NOTHING;
    this.#size = 0;
    this.#frame = undefined;
  }

  /** The next frame, which stays the next one; undefined where no whole one is there (yet). */
  peek(): Frame | undefined {
    return this.#frame ??= this.#read();
  }

  /** Goes past the next frame. */
  take(): void {
    if (this.peek() === undefined) return;
    this.#at = this.#next;
    this.#frame = undefined;
  }

  #read(): Frame | undefined {
    if (!this.#has(FRAME.size)) return undefined;
    const length = this.#length();
    if (length > MAX_LENGTH || !this.#has(FRAME.size + length)) return undefined;
    const [from, view] = [this.#at - this.#base, this.#view];
    this.#next = this.#at + FRAME.size + length;
    return {
      seconds: this.#word(from + FRAME.time),
      nanoseconds: view.getUint32(from + FRAME.time + 8, true),
      value: this.#word(from + FRAME.value),
      content: this.#buffer.subarray(from + FRAME.size, from + FRAME.size + length),
    };
  }

  #length(): number {
    return this.#word(this.#at - this.#base + FRAME.length);
  }

  #word(from: number): number {
    return this.#view.getUint32(from, true) + this.#view.getUint32(from + 4, true) * TWO_TO_32;
  }

  /** Whether so many bytes from here on are in the buffer, or can be read into it. */
  #has(count: number): boolean {
    if (this.#at + count > this.limit) return false;
    const isInside = this.#at >= this.#base && this.#at + count <= this.#base + this.#size;
    return isInside || this.#fill(count);
  }

  /** A frame is read in one piece from its head: half a one may be taken back, and another written in its place. */
  #fill(count: number): boolean {
    if (count > this.#buffer.length) {
      this.#buffer = new Uint8Array(Math.max(count, BUFFER_SIZE));
      this.#view = new DataView(this.#buffer.buffer);
    }
    const got = readAt(this.#fd.number, this.#buffer, this.#at);
    this.#base = this.#at;
    this.#size = got.ok ? got.value : 0;
    if (this.#size >= count) return true;
    this.#size = 0;
    return false;
  }

  /** Its bytes from the next frame on, as they are now; more may follow. */
  bytes(): Uint8Array {
    this.#fill(1);
    return this.#buffer.subarray(0, this.#size);
  }

  /** What an unfinished frame at the end says of its length; undefined where there is none. */
  tornLength(): number | undefined {
    if (this.peek() !== undefined || !this.#has(FRAME.length + 8)) return undefined;
    return this.#length();
  }

  /** The size that it has now. */
  size(): number {
    const status = readStatus(this.#fd.number);
    return status.ok ? Number(status.value.size) : 0;
  }

  /** The number that tells it from other files of its file system, for as long as it is open. */
  inode(): bigint {
    const status = readStatus(this.#fd.number);
    return status.ok ? status.value.ino : 0n;
  }

  /** How many bytes a log could not keep, as its head tells. */
  lostBytes(): number {
    const word = new Uint8Array(8);
    const got = readAt(this.#fd.number, word, LOG_LOST_OFFSET);
    return got.ok && got.value === word.length ? Number(new DataView(word.buffer).getBigUint64(0, true)) : 0;
  }

  /** Checks how a log is written; one that has no head yet will be right. @throws {CtrError} code "unsupported" */
  checkLog(path: string): void {
    const magic = new Uint8Array(LOG_MAGIC.length);
    const got = readAt(this.#fd.number, magic, 0);
    if (!got.ok || got.value < magic.length || new TextDecoder().decode(magic) === LOG_MAGIC) return;
    throw new CtrError("unsupported", `Cannot read the log "${path}": it is not written as this myctr does`, {
      hint: "Use the version of myctr that started the container",
    });
  }

  [Symbol.dispose](): void {
    this.#fd[Symbol.dispose]();
  }
}
