/**
 * Looking at many small files below one directory. Paths and contents go through memory that is used again and again:
 * of a list of hundreds of containers that is half the time.
 */

import { ERRNO } from "./constants/errno.ts";
import { AT, LOCK } from "./constants/open.ts";
import type { Fd } from "./fd.ts";
import { openPath, STATX_OFFSETS } from "./file.ts";
import { rawSyscall } from "./libc.ts";
import { O, syscallNumber } from "./machine.ts";
import { failure, type Outcome, success } from "./outcome.ts";

/** PATH_MAX of linux/limits.h. */
const MAX_PATH = 4096;
const FIRST_SIZE = 16 * 1024;
/** More than any file of ours. */
const MAX_SIZE = 64 * 1024 * 1024;

const encoder = new TextEncoder();

/** Numbers as the kernel's interface takes them: made once, not for each of a thousand calls. */
const NUMBER = {
  openat: syscallNumber("openat"),
  read: syscallNumber("read"),
  statx: syscallNumber("statx"),
  flock: syscallNumber("flock"),
  close: syscallNumber("close"),
} as const;
const OPEN_FLAGS = BigInt(O.O_RDONLY | O.O_CLOEXEC);
/** Shared: two who look do not take each other for the holder. */
const TRY_SHARED = BigInt(LOCK.LOCK_SH | LOCK.LOCK_NB);
const OF_DESCRIPTOR = BigInt(AT.AT_EMPTY_PATH);
/** Source: include/uapi/linux/stat.h, STATX_MTIME. */
const TIME_ALONE = 0x40n;
const NOTHING = 0n;
const BUSY = BigInt(-ERRNO.EAGAIN);

/** What stands in a file, and when it was written last. */
export interface DatedBytes {
  /** Good until the next file is read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly modifiedMs: number;
}

/** The files below a directory; paths are relative to it. */
export class SmallFiles implements Disposable {
  readonly #directory: Fd;
  readonly #path = new Uint8Array(MAX_PATH);
  readonly #empty = new Uint8Array(1);
  readonly #status = new Uint8Array(STATX_OFFSETS.sizeof);
  #content = new Uint8Array(FIRST_SIZE);
  readonly #at: {
    readonly directory: bigint;
    readonly path: bigint;
    readonly empty: bigint;
    readonly status: bigint;
  };
  #contentAt: bigint;

  private constructor(directory: Fd) {
    this.#directory = directory;
    this.#at = {
      directory: BigInt(directory.number),
      path: addressOf(this.#path),
      empty: addressOf(this.#empty),
      status: addressOf(this.#status),
    };
    this.#contentAt = addressOf(this.#content);
  }

  /** Opens a directory, by its absolute path. */
  static open(directory: string): Outcome<SmallFiles> {
    const opened = openPath(directory, { flags: O.O_PATH | O.O_DIRECTORY });
    return opened.ok ? success(new SmallFiles(opened.value)) : opened;
  }

  /** Whether somebody holds the lock of a file for himself; nobody does where there is no such file. */
  isLocked(path: string): boolean {
    const fd = this.#open(path);
    if (fd < 0n) return false;
    const taken = call(NUMBER.flock, fd, TRY_SHARED);
    call(NUMBER.close, fd);
    return taken === BUSY;
  }

  /** Reads a whole file; the bytes are good until the next one is read. */
  read(path: string): Outcome<Uint8Array<ArrayBuffer>> {
    const fd = this.#open(path);
    if (fd < 0n) return failure(Number(-fd));
    const bytes = this.#readAll(fd);
    call(NUMBER.close, fd);
    return bytes;
  }

  /** The same, and when it was written. */
  readDated(path: string): Outcome<DatedBytes> {
    const fd = this.#open(path);
    if (fd < 0n) return failure(Number(-fd));
    const bytes = this.#readAll(fd);
    const { empty, status } = this.#at;
    const asked = call(NUMBER.statx, fd, empty, OF_DESCRIPTOR, TIME_ALONE, status);
    call(NUMBER.close, fd);
    if (!bytes.ok) return bytes;
    return asked < 0n
      ? failure(Number(-asked))
      : success({ bytes: bytes.value, modifiedMs: this.#modifiedMs() });
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }

  /** Gives a descriptor, or an errno as a negative number. */
  #open(path: string): bigint {
    const { written, read } = encoder.encodeInto(path, this.#path);
    if (read < path.length || written >= MAX_PATH || path.includes("\0")) return BigInt(-ERRNO.ENAMETOOLONG);
    this.#path[written] = 0;
    return call(NUMBER.openat, this.#at.directory, this.#at.path, OPEN_FLAGS);
  }

  #readAll(fd: bigint): Outcome<Uint8Array<ArrayBuffer>> {
    let length = 0;
    while (true) {
      const room = this.#content.length - length;
      const got = Number(call(NUMBER.read, fd, this.#contentAt + BigInt(length), BigInt(room)));
      if (got < 0) return failure(-got);
      length += got;
      // A regular file gives less than was asked for only at its end.
      if (got < room) return success(this.#content.subarray(0, length));
      if (length >= MAX_SIZE) return failure(ERRNO.EFBIG);
      const larger = new Uint8Array(length * 2);
      larger.set(this.#content);
      this.#content = larger;
      this.#contentAt = addressOf(larger);
    }
  }

  /** Of struct statx: 64 bits of seconds, 32 of nanoseconds. */
  #modifiedMs(): number {
    const view = new DataView(this.#status.buffer);
    const seconds = Number(view.getBigInt64(STATX_OFFSETS.stx_mtime, true));
    return seconds * 1000 + Math.floor(view.getUint32(STATX_OFFSETS.stx_mtime + 8, true) / 1_000_000);
  }
}

function call(number: bigint, a: bigint, b = NOTHING, c = NOTHING, d = NOTHING, e = NOTHING): bigint {
  return rawSyscall(number, a, b, c, d, e, NOTHING);
}

function addressOf(memory: Uint8Array<ArrayBuffer>): bigint {
  // SAFETY: the memory of an ArrayBuffer does not move, and the object that uses the address holds it.
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(memory));
}
