/**
 * Waiting for the end of a container's life, by those who do not want its lock. Who waits for the lock itself, with
 * flock(2), may be overtaken by a start, and then waits for as long as the next life lasts.
 */

import { IN } from "../../ffi/constants/inotify.ts";
import type { Fd } from "../../ffi/fd.ts";
import { addWatch, openInotify, takeEvents } from "../../ffi/inotify.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { awaitInput, awaitInputAsync } from "../../ffi/poll.ts";
import { containerDirectory } from "./container_state.ts";
import { isLocked } from "./container_store.ts";

/** The kernel tells of the last close of a file just before a lock of it is gone. */
const AFTER_CLOSE_MS = 2;

/** Waits until somebody lets the lock of a container go: then its caller looks again. At once where nobody has it. */
export function awaitRelease(id: string): void {
  using watch = maybeWatch(id);
  if (watch === undefined || !isLocked(id)) return;
  unwrap(awaitInput(watch.number, {}), "wait for the container");
  takeEvents(watch.number);
  awaitInput(watch.number, { milliseconds: AFTER_CLOSE_MS });
}

/** The same on another thread, so that the event loop goes on. */
export async function awaitReleaseAsync(id: string): Promise<void> {
  using watch = maybeWatch(id);
  if (watch === undefined || !isLocked(id)) return;
  await awaitInputAsync(watch.number);
  takeEvents(watch.number);
  await awaitInputAsync(watch.number, AFTER_CLOSE_MS);
}

/** Who only looks opens the lock for reading alone, and wakes nobody. Undefined where the container is gone. */
function maybeWatch(id: string): Fd | undefined {
  using undo = new DisposableStack();
  const inotify = undo.use(unwrap(openInotify(), "watch the container"));
  const watch = addWatch(
    inotify.number,
    `${containerDirectory(id)}/lock`,
    IN.IN_CLOSE_WRITE | IN.IN_DELETE_SELF,
  );
  if (!watch.ok) return undefined;
  undo.move();
  return inotify;
}
