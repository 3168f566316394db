/** Calls on open descriptors: pipes, reading, writing, locks, copies. */

import { ERRNO } from "./constants/errno.ts";
import { F, FD_CLOEXEC, LOCK } from "./constants/open.ts";
import { Fd, outcomeFd } from "./fd.ts";
import { syscall, syscallAsync } from "./syscall.ts";
import { O } from "./machine.ts";
import {
  failure,
  type Outcome,
  outcome,
  retryInterrupted,
  retryInterruptedAsync,
  success,
} from "./outcome.ts";

/** The two ends of a pipe. */
export interface Pipe extends Disposable {
  readonly reader: Fd;
  readonly writer: Fd;
}

/** Opens a pipe, both ends O_CLOEXEC; `flags` are added (O_NONBLOCK). @see pipe(2) */
export function openPipe(flags = 0): Outcome<Pipe> {
  const fds = new Int32Array(2);
  const made = outcome(syscall("pipe2", fds, O.O_CLOEXEC | flags));
  if (!made.ok) return made;
  const [reader, writer] = [new Fd(fds[0]!), new Fd(fds[1]!)];
  function dispose(): void {
    reader[Symbol.dispose]();
    writer[Symbol.dispose]();
  }
  return success({ reader, writer, [Symbol.dispose]: dispose });
}

/** Reads once, blocking; gives the count of bytes, 0 at the end of the file. @see read(2) */
export function read(fd: number, buffer: Uint8Array<ArrayBuffer>): Outcome<number> {
  return retryInterrupted(() => outcome(syscall("read", fd, buffer, buffer.length)));
}

/** Reads once from an offset of a file, without moving its place; gives the count of bytes. @see pread(2) */
export function readAt(fd: number, buffer: Uint8Array<ArrayBuffer>, offset: number): Outcome<number> {
  return retryInterrupted(() => outcome(syscall("pread64", fd, buffer, buffer.length, offset)));
}

/**
 * Reads once on another thread, so that the event loop goes on; gives the count of bytes, 0 at the end of the file.
 *
 * The descriptor must stay open until then. Each call holds one of about 30 threads.
 */
export function readAsync(fd: number, buffer: Uint8Array<ArrayBuffer>): Promise<Outcome<number>> {
  return retryInterruptedAsync(async () => outcome(await syscallAsync("read", fd, buffer, buffer.length)));
}

/**
 * Reads to the end of the file, blocking, but not more than `maxBytes`.
 *
 * Fails with EFBIG where there is more: a file of a container must not fill our memory.
 */
export function readAll(fd: number, maxBytes: number): Outcome<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(Math.min(maxBytes, 4096) + 1);
  let length = 0;
  while (true) {
    const got = read(fd, bytes.subarray(length));
    if (!got.ok) return got;
    length += got.value;
    if (length > maxBytes) return failure(ERRNO.EFBIG);
    if (got.value === 0) return success(bytes.subarray(0, length));
    if (length < bytes.length) continue;
    const larger = new Uint8Array(Math.min(bytes.length * 2, maxBytes + 1));
    larger.set(bytes);
    bytes = larger;
  }
}

/** Writes once, blocking; gives the count of bytes taken. @see write(2) */
export function write(fd: number, bytes: Uint8Array<ArrayBuffer>): Outcome<number> {
  return retryInterrupted(() => outcome(syscall("write", fd, bytes, bytes.length)));
}

/** Writes all of `bytes`, blocking; after a failure an unknown part of them is written. */
export function writeAll(fd: number, bytes: Uint8Array<ArrayBuffer>): Outcome<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const wrote = write(fd, rest);
    if (!wrote.ok) return wrote;
    rest = rest.subarray(wrote.value);
  }
  return success(undefined);
}

/** The same on other threads, so that the event loop goes on: a terminal may take nothing for long. */
export async function writeAllAsync(fd: number, bytes: Uint8Array<ArrayBuffer>): Promise<Outcome<void>> {
  let rest = bytes;
  while (rest.length > 0) {
    const part = rest;
    const wrote = await retryInterruptedAsync(async () =>
      outcome(await syscallAsync("write", fd, part, part.length))
    );
    if (!wrote.ok) return wrote;
    rest = rest.subarray(wrote.value);
  }
  return success(undefined);
}

/** Copies a descriptor to the lowest free number from `from` on, O_CLOEXEC. */
export function dup(fd: number, from = 3): Outcome<Fd> {
  return outcomeFd(syscall("fcntl", fd, F.F_DUPFD_CLOEXEC, from));
}

/**
 * Takes the lock of an open file without waiting; fails with EAGAIN where another holds it.
 *
 * It belongs to the open file: copies of the descriptor share it, the last close ends it. @see flock(2)
 */
export function tryLock(fd: number, operation: "shared" | "exclusive"): Outcome<void> {
  const how = operation === "shared" ? LOCK.LOCK_SH : LOCK.LOCK_EX;
  const taken = outcome(syscall("flock", fd, how | LOCK.LOCK_NB));
  return taken.ok ? success(undefined) : taken;
}

/**
 * Waits on another thread for the lock of an open file.
 *
 * Each call holds one of about 30 threads.
 */
export async function lock(fd: number, operation: "shared" | "exclusive"): Promise<Outcome<void>> {
  const how = operation === "shared" ? LOCK.LOCK_SH : LOCK.LOCK_EX;
  const tried = tryLock(fd, operation);
  if (tried.ok) return tried;
  const taken = outcome(await syscallAsync("flock", fd, how));
  return taken.ok ? success(undefined) : taken;
}

/** Waits, blocking, until nobody has the lock of an open file for itself (or at all), and takes it. */
export function awaitLock(fd: number, operation: "shared" | "exclusive" = "shared"): Outcome<void> {
  const how = operation === "shared" ? LOCK.LOCK_SH : LOCK.LOCK_EX;
  const taken = retryInterrupted(() => outcome(syscall("flock", fd, how)));
  return taken.ok ? success(undefined) : taken;
}

/** Gives up the lock of an open file. */
export function unlock(fd: number): void {
  syscall("flock", fd, LOCK.LOCK_UN);
}

/** Sets or clears O_NONBLOCK of an open file, for all who share it. */
export function setNonblocking(fd: number, isNonblocking: boolean): Outcome<void> {
  const flags = outcome(syscall("fcntl", fd, F.F_GETFL, 0));
  if (!flags.ok) return flags;
  const wanted = isNonblocking ? flags.value | O.O_NONBLOCK : flags.value & ~O.O_NONBLOCK;
  const set = outcome(syscall("fcntl", fd, F.F_SETFL, wanted));
  return set.ok ? success(undefined) : set;
}

/** Tells whether a descriptor is open, and whether it is closed on execve(2). */
export function isCloseOnExec(fd: number): Outcome<boolean> {
  const flags = outcome(syscall("fcntl", fd, F.F_GETFD, 0));
  return flags.ok ? success((flags.value & FD_CLOEXEC) !== 0) : flags;
}
