/** Tells an archive of tar from other bytes. */

import type { Bytes } from "../image/store.ts";

const BLOCK = 512;
/** Where the first header has its magic. Source: pax(1), ustar interchange format. */
const MAGIC_AT = 257;

/** Reads so much that it can be told; `all` begins at the beginning again. */
export async function sniffArchive(
  bytes: Bytes,
): Promise<{ readonly isArchive: boolean; readonly all: Bytes }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  while (head.length < BLOCK) {
    const { done, value } = await iterator.next();
    if (done) break;
    const joined = new Uint8Array(head.length + value.length);
    joined.set(head);
    joined.set(value, head.length);
    head = joined;
  }
  const magic = new TextDecoder().decode(head.subarray(MAGIC_AT, MAGIC_AT + 5));
  return { isArchive: magic === "ustar", all: following(head, iterator) };
}

async function* following(
  head: Uint8Array<ArrayBuffer>,
  iterator: AsyncIterator<Uint8Array<ArrayBuffer>>,
): Bytes {
  yield head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}
