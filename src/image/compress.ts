/** Compresses layers: by gzip, which all readers know. */

import type { Bytes } from "./store.ts";

const CHUNK = 256 * 1024;

/** Gives a stream compressed; the same bytes give the same bytes. */
export async function* compress(stream: Bytes): Bytes {
  const [{ createGzip }, { Readable, pipeline }] = await Promise.all([
    import("node:zlib"),
    import("node:stream"),
  ]);
  const through = createGzip({ chunkSize: CHUNK });
  // The loop below sees the same error; without a callback it would be thrown from nowhere.
  pipeline(Readable.from(stream), through, () => {});
  for await (const chunk of through) yield chunk as Uint8Array<ArrayBuffer>;
}
