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

/** Bytes of a log file's path that say which file it is: the one written to has none. */
export function logPath(directory: string, stream: string, age: number): string {
  return `${directory}/logs/${stream}${age === 0 ? "" : `.${age}`}`;
}
