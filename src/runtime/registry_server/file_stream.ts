/** A part of a file as a body. */

import type { Slice } from "./range.ts";

const PIECE = 256 * 1024;

/** Streams a part of a file; the file is closed at its end, and when nobody reads on. */
export async function streamFile(
  path: string,
  { start, length }: Slice,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(path);
  file.seekSync(start, Deno.SeekMode.Start);
  let left = length;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = new Uint8Array(Math.min(PIECE, left));
      const count = left === 0 ? null : file.readSync(piece);
      if (count === null) {
        file.close();
        return controller.close();
      }
      left -= count;
      controller.enqueue(piece.subarray(0, count));
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}
