/** The clean-up at a container's end: by whoever stayed for it, or by the monitor, which starts it as a program. */

import { removeFiles } from "./container_store.ts";
import { emptyTrash } from "./trash.ts";

/**
 * Removes the container if it is to be removed at its end; `restart` may have put that off. The lock is still this
 * process's, so that nobody starts it meanwhile.
 */
export function reap(id: string): void {
  if (removeFiles(id, { isAtEnd: true })) emptyTrash();
}
