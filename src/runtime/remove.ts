/** `myctr rm`, and `run --replace`. */

import { SIG } from "../../ffi/constants/process.ts";
import { openPidfd, sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { maybeReadState, readPidStart } from "./container_state.ts";
import { containerIds, isLocked, removeFiles, waitForLock } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { maybeIdOfName } from "./names.ts";
import { emptyTrash } from "./trash.ts";

/**
 * Removes a container; with `force`, one that runs is killed first.
 *
 * @throws {CtrError} code "not_found", "conflict" or "bad_state" (it runs)
 */
export async function removeContainer(reference: string, { force }: { force: boolean }): Promise<void> {
  const id = findContainer(reference);
  if (isLocked(id)) {
    if (!force) {
      throw new CtrError("bad_state", `Cannot remove container "${reference}": it is running`, {
        hint: `Write "myctr rm -f ${reference}" to end and remove it`,
      });
    }
    killContainer(id);
    waitForLock(id);
  }
  removeFiles(id);
  await emptyTrash();
}

/** Removes the container that has a name, where there is one; one that runs is killed first. */
export async function replaceContainer(name: string): Promise<void> {
  const id = maybeIdOfName(name);
  if (id !== undefined && containerIds().includes(id)) await removeContainer(id, { force: true });
}

/** Kills process 1, if it still is the process that was started: number and start time must agree. */
function killContainer(id: string): void {
  const { pid, pidStart } = maybeReadState(id) ?? {};
  if (pid === undefined) return;
  const opened = openPidfd(pid);
  if (!opened.ok) return;
  using pidfd = opened.value;
  if (readPidStart(pid) === pidStart) sendSignal(pidfd.number, SIG.SIGKILL);
}
