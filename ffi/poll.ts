/** Waiting for descriptors, blocking. @see ppoll(2) */

import { POLL } from "./constants/process.ts";
import { pollfd, timespec } from "./layout/structs.ts";
import { type Outcome, outcome, retryInterrupted, retryInterruptedAsync, success } from "./outcome.ts";
import { syscall, syscallAsync } from "./syscall.ts";

/** What ended a wait. */
export type Awaited = "input" | "hangup" | "time";

/** Waits until `input` can be read, the reader of `output` has gone away, or the time is over. */
export function awaitInput(
  input: number,
  { output, milliseconds }: { readonly output?: number; readonly milliseconds?: number | undefined },
): Outcome<Awaited> {
  const entries = new Uint8Array(2 * pollfd.size);
  entries.set(pollfd.encode({ fd: input, events: POLL.POLLIN }), 0);
  // Errors and hang-ups are told without being asked for; a negative number is left out.
  entries.set(pollfd.encode({ fd: output ?? -1, events: 0 }), pollfd.size);
  const limit = milliseconds === undefined ? null : encodeTime(Math.max(milliseconds, 0));
  const ready = retryInterrupted(() => outcome(syscall("ppoll", entries, 2, limit, null, 0)));
  if (!ready.ok) return ready;
  if (ready.value === 0) return success("time");
  const { revents } = pollfd.decode(entries.subarray(pollfd.size));
  return success(revents === 0 ? "input" : "hangup");
}

/**
 * Waits on another thread until `input` can be read, so that the event loop goes on; false where the time is over before.
 *
 * The descriptor must stay open until then. Each call holds one of about 30 threads.
 */
export async function awaitInputAsync(input: number, milliseconds?: number): Promise<boolean> {
  const entry = pollfd.encode({ fd: input, events: POLL.POLLIN });
  const limit = milliseconds === undefined ? null : encodeTime(milliseconds);
  const ready = await retryInterruptedAsync(async () =>
    outcome(await syscallAsync("ppoll", entry, 1, limit, null, 0))
  );
  return ready.ok && ready.value === 1;
}

/** Waits until a descriptor that does not block takes bytes again. */
export function awaitOutput(output: number): void {
  const entry = pollfd.encode({ fd: output, events: POLL.POLLOUT });
  retryInterrupted(() => outcome(syscall("ppoll", entry, 1, null, null, 0)));
}

/** Waits until something exceptional is told of a descriptor, as of a file of cgroup events; false when it takes longer. */
export function awaitException(fd: number, milliseconds: number): boolean {
  const entry = pollfd.encode({ fd, events: POLL.POLLPRI });
  const ready = retryInterrupted(() =>
    outcome(syscall("ppoll", entry, 1, encodeTime(milliseconds), null, 0))
  );
  return ready.ok && ready.value === 1;
}

/** Encodes how long a wait may take. */
export function encodeTime(milliseconds: number): Uint8Array<ArrayBuffer> {
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.floor((milliseconds - seconds * 1000) * 1e6);
  return timespec.encode({ tv_sec: BigInt(seconds), tv_nsec: BigInt(nanoseconds) });
}
