/** The clean-up that a monitor starts when the myctr that started it is gone. */

import { maybeReadState } from "./container_state.ts";
import { removeFiles } from "./container_store.ts";
import { emptyTrash } from "./trash.ts";

/** Removes the container if it was to be removed at its end. Its monitor has become this process: nobody else waits. */
export async function reap(id: string): Promise<void> {
  if (!maybeReadState(id)?.isRemovedAtExit) return;
  removeFiles(id);
  await emptyTrash();
}
