/**
 * Text as C reads it.
 * Pure.
 */

const encoder = new TextEncoder();

/**
 * Gives the UTF-8 bytes of `text` with a NUL behind them.
 *
 * @throws {TypeError} `text` has a NUL within: C would see only what stands before it.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: it contains NUL`);
  return encoder.encode(text + "\0");
}
