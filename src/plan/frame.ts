/**
 * Frames: how a program writes what happens at an instant, to a log or to the file of events. Pure.
 *
 * A frame is four words, {seconds, nanoseconds, length, value}, and `length` bytes. A log begins with a head,
 * {@link LOG_HEAD} and a word. Only one process writes a log, so no frame stands inside another.
 */

/** Byte offsets in a frame's head, and its size. */
export const FRAME = {
  /** `struct timespec` of CLOCK_REALTIME. */
  time: 0,
  length: 16,
  /** In a log: how many bytes of this file could not be kept up to here. In events: the wait status. */
  value: 24,
  size: 32,
} as const;

/** The first word of a log: its eight bytes also say how it is written. */
export const LOG_MAGIC = "myctr 1\n";
/** Behind the magic: how many bytes could not be kept, those after the last frame included. */
export const LOG_LOST_OFFSET = 8;
export const LOG_HEAD_SIZE = 16;

/** Builds a frame as myctr itself writes one; `value` is bytes lost in a log, a wait status in events. */
export function encodeFrame(
  content: Uint8Array,
  { timeMs = 0, value = 0 }: { readonly timeMs?: number; readonly value?: number } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME.size + content.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(FRAME.time, BigInt(Math.floor(timeMs / 1000)), true);
  view.setBigUint64(FRAME.time + 8, BigInt(timeMs % 1000 * 1_000_000), true);
  view.setBigUint64(FRAME.length, BigInt(content.length), true);
  view.setBigUint64(FRAME.value, BigInt(value), true);
  bytes.set(content, FRAME.size);
  return bytes;
}

/** The path of a stream's log: the file that is written to, or one that was `age` files before. */
export function logPath(directory: string, stream: string, age: number): string {
  return `${directory}/logs/${stream}${age === 0 ? "" : `.${age}`}`;
}
