/**
 * Looking at many small files below one directory. Paths and contents go through memory that is used again and again:
 * of a list of hundreds of containers that is half the time.
 */

import { ERRNO } from "./constants/errno.ts";
import { LOCK } from "./constants/open.ts";
import { Fd } from "./fd.ts";
import { openPath, readModifiedMs } from "./file.ts";
import { O } from "./machine.ts";
import { failure, type Outcome, outcome, success } from "./outcome.ts";
import { syscall } from "./syscall.ts";

/** PATH_MAX of linux/limits.h. */
const MAX_PATH = 4096;
const FIRST_SIZE = 16 * 1024;
/** More than any file of ours. */
const MAX_SIZE = 64 * 1024 * 1024;

const encoder = new TextEncoder();

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
  #content = new Uint8Array(FIRST_SIZE);

  private constructor(directory: Fd) {
    this.#directory = directory;
  }

  /** Opens a directory, by its absolute path. */
  static open(directory: string): Outcome<SmallFiles> {
    const opened = openPath(directory, { flags: O.O_PATH | O.O_DIRECTORY });
    return opened.ok ? success(new SmallFiles(opened.value)) : opened;
  }

  /** Whether somebody holds the lock of a file for himself; nobody does where there is no such file. */
  isLocked(path: string): boolean {
    const fd = this.#open(path);
    if (fd < 0) return false;
    // Shared: two who look do not take each other for the holder.
    const taken = syscall("flock", fd, LOCK.LOCK_SH | LOCK.LOCK_NB);
    syscall("close", fd);
    return taken === -ERRNO.EAGAIN;
  }

  /** Reads a whole file; the bytes are good until the next one is read. */
  read(path: string): Outcome<Uint8Array<ArrayBuffer>> {
    const fd = this.#open(path);
    if (fd < 0) return failure(-fd);
    using _file = new Fd(fd);
    return this.#readAll(fd);
  }

  /** The same, and when it was written. */
  readDated(path: string): Outcome<DatedBytes> {
    const fd = this.#open(path);
    if (fd < 0) return failure(-fd);
    using _file = new Fd(fd);
    const read = this.#readAll(fd);
    if (!read.ok) return read;
    const time = readModifiedMs(fd);
    return time.ok ? success({ bytes: read.value, modifiedMs: time.value }) : time;
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }

  /** Gives a descriptor, or an errno as a negative number. */
  #open(path: string): number {
    const { written, read } = encoder.encodeInto(path, this.#path);
    if (read < path.length || written >= MAX_PATH || path.includes("\0")) return -ERRNO.ENAMETOOLONG;
    this.#path[written] = 0;
    return syscall("openat", this.#directory.number, this.#path, O.O_RDONLY | O.O_CLOEXEC);
  }

  #readAll(fd: number): Outcome<Uint8Array<ArrayBuffer>> {
    let length = 0;
    while (true) {
      const rest = this.#content.subarray(length);
      const got = outcome(syscall("read", fd, rest, rest.length));
      if (!got.ok) return got;
      length += got.value;
      // A regular file gives less than was asked for only at its end.
      if (got.value < rest.length) return success(this.#content.subarray(0, length));
      if (length >= MAX_SIZE) return failure(ERRNO.EFBIG);
      const larger = new Uint8Array(length * 2);
      larger.set(this.#content);
      this.#content = larger;
    }
  }
}
