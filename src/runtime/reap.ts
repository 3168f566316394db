/** The clean-up that a monitor starts when the myctr that started it is gone. */

import { maybeReadState } from "./container_state.ts";
import { removeFiles } from "./container_store.ts";

/** Removes the container if it was to be removed at its end. Its monitor has become this process: nobody else waits. */
export function reap(id: string): void {
  if (maybeReadState(id)?.isRemovedAtExit) removeFiles(id);
}
