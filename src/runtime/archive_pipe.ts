/** Archives between two processes: a pipe, written and read while other things go on. */

import { readAsync } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { Bytes } from "../image/store.ts";

/** Writes to a pipe on another thread, and closes it: its reader waits for the end, and starts at the same time. */
export async function writeToPipe(pipe: Fd, bytes: Bytes): Promise<void> {
  using file = await Deno.open(`/proc/self/fd/${pipe.number}`, { write: true });
  pipe[Symbol.dispose]();
  for await (const chunk of bytes) {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await file.write(rest));
  }
}

/** Reads a pipe to its end. */
export async function* bytesOf(pipe: Fd): Bytes {
  while (true) {
    const piece = new Uint8Array(64 * 1024);
    const count = unwrap(await readAsync(pipe.number, piece), "read from a pipe");
    if (count === 0) return;
    yield piece.subarray(0, count);
  }
}
