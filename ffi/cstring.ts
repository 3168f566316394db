/**
 * Text as C reads it: bytes. Names of files are mostly UTF-8, but need not be: a byte that is none becomes one half of a
 * surrogate pair, U+DC80 to U+DCFF, which no UTF-8 gives, and so finds its way back.
 * Pure. Source: Python's PEP 383, which has the same.
 */

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ESCAPE = 0xdc00;

/**
 * Gives the bytes of `text` with a NUL behind them.
 *
 * @throws {TypeError} `text` has a NUL within: C would see only what stands before it.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new TypeError(`Cannot pass ${JSON.stringify(text)} to C: it contains NUL`);
  return encodeBytes(text + "\0");
}

/** Gives the bytes of a text: UTF-8, but for what {@link decodeBytes} could not read as such. */
export function encodeBytes(text: string): Uint8Array<ArrayBuffer> {
  if (text.isWellFormed()) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) bytes.push(code - ESCAPE);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Reads bytes as text, of which {@link encodeBytes} gives the same bytes again. */
export function decodeBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeOdd(bytes);
  }
}

function decodeOdd(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = lengthOfFirst(bytes.subarray(at, at + 4));
    text += length === 0
      ? String.fromCharCode(ESCAPE + bytes[at]!)
      : strict.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the first character has; 0 where it is none. */
function lengthOfFirst(bytes: Uint8Array): number {
  for (let length = 1; length <= bytes.length; length++) {
    try {
      strict.decode(bytes.subarray(0, length));
      return length;
    } catch {
      // It may have more bytes.
    }
  }
  return 0;
}
