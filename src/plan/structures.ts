/** Structures that several processes of a program hand to the kernel, or to myctr. Pure. */

import type { Out, Slot, Struct } from "./operation.ts";

/** Two descriptors side by side, as pipe2(2) and socketpair(2) write them. */
export function twoDescriptors(first: string, second: string): Out {
  return { out: `${first}|${second}`, slots: [first, second], size: 8 };
}

/** A record for myctr: {@link RECORD}. */
export function record(tag: number, value: number | Slot = 0): Struct {
  return { struct: "record", fields: { tag, value } };
}

/** A wait on one descriptor: `struct pollfd` for ppoll(2). */
export function pollOne(fd: number | Slot, events: number): Struct {
  return { struct: "pollfd", fields: { fd, events } };
}

/** A wait on whichever of two descriptors is ready first, or of three. */
export function pollFirst(
  [fd, second, third]: readonly [number | Slot, number | Slot, (number | Slot)?],
  events: number,
): Struct {
  return { struct: "pollfd", fields: { fd, second, ...(third !== undefined && { third }), events } };
}

/** So long, in milliseconds: `struct timespec`. */
export function timeOf(milliseconds: number): Struct {
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = BigInt(milliseconds - seconds * 1000) * 1_000_000n;
  return { struct: "timespec", fields: { tv_sec: BigInt(seconds), tv_nsec: nanoseconds } };
}

export const NO_TIME: Struct = timeOf(0);
