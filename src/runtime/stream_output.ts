/** Writes bytes to standard output and standard error in the order in which they come, many at once. */

import { ERRNO, errnoText } from "../../ffi/constants/errno.ts";
import { write } from "../../ffi/descriptor.ts";
import { awaitOutput } from "../../ffi/poll.ts";
import { CtrError } from "../errors.ts";

export const STDOUT = 1;
export const STDERR = 2;

/** Thrown where the reader has gone away: there is nobody left to write for, and nothing to be said. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

const BUFFER_SIZE = 64 * 1024;
/** From that size on copying costs more than another call. */
const DIRECT_SIZE = 16 * 1024;

/** Output that is kept back until there is enough of it; what is for the other stream writes it first. */
export class StreamOutput {
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  #size = 0;
  #fd = STDOUT;

  /** Takes bytes for a stream. @throws as {@link flush} */
  put(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (fd !== this.#fd || this.#size + bytes.length > BUFFER_SIZE) this.flush();
    this.#fd = fd;
    if (bytes.length >= DIRECT_SIZE) {
      this.flush();
      writeOut(fd, bytes);
      return;
    }
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** Writes what was kept back. @throws {ReaderGone} or {CtrError} code "bad_state" where it can't be written */
  flush(): void {
    if (this.#size === 0) return;
    const bytes = this.#buffer.subarray(0, this.#size);
    this.#size = 0;
    writeOut(this.#fd, bytes);
  }
}

function writeOut(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
  let rest = bytes;
  while (rest.length > 0) {
    const wrote = write(fd, rest);
    if (wrote.ok) rest = rest.subarray(wrote.value);
    else if (wrote.errno === ERRNO.EAGAIN) awaitOutput(fd);
    else throw outputError(fd, wrote.errno);
  }
}

/** Gives what is thrown for a write of output that has failed. */
export function outputError(fd: number, errno: number): ReaderGone | CtrError {
  if (errno === ERRNO.EPIPE) return new ReaderGone();
  const name = fd === STDOUT ? "standard output" : "standard error";
  return new CtrError("bad_state", `Cannot write to ${name}: ${errnoText(errno)}`, {
    hint: "Check the file that it is redirected to, and the space there",
  });
}
