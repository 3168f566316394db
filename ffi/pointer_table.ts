/** Lists of texts as C reads them: argv, envp. */

import { cString } from "./cstring.ts";

/**
 * Makes a NULL-terminated array of `char *` with the texts behind it, in the same memory: whoever
 * holds the bytes keeps the texts.
 */
export function pointerTable(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const strings = texts.map(cString);
  const headBytes = (texts.length + 1) * 8;
  const bytes = new Uint8Array(strings.reduce((total, text) => total + text.length, headBytes));
  const view = new DataView(bytes.buffer);
  // SAFETY: the addresses lie within `bytes`, which the caller passes to the call that reads them;
  // the memory of an ArrayBuffer does not move.
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  let at = headBytes;
  for (const [index, text] of strings.entries()) {
    view.setBigUint64(index * 8, base + BigInt(at), true);
    bytes.set(text, at);
    at += text.length;
  }
  return bytes;
}
