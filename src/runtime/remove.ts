/** `myctr rm`, and `run --replace`. */

import { SIG } from "../../ffi/constants/process.ts";
import { sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { awaitRelease } from "./await_release.ts";
import { killCgroup } from "./cgroup.ts";
import { type ContainerState, readAnyState, readState } from "./container_state.ts";
import { containerIds, removeEnded } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { isPaused } from "./is_paused.ts";
import { maybeIdOfName } from "./names.ts";
import { maybeOpenProcess } from "./live_container.ts";
import { isRestarting } from "./restart_state.ts";
import { emptyTrash } from "./trash.ts";

/** How a container is removed. */
export interface RemoveOptions {
  readonly force: boolean;
  /** Whether the volumes that were made for it go too. */
  readonly withVolumes?: boolean;
}

/**
 * Removes a container; with `force`, one that runs is killed first.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (it runs) or "unsupported" (another version's)
 */
export function removeContainer(reference: string, { force, withVolumes = false }: RemoveOptions): void {
  const id = findContainer(reference);
  if (force) {
    forceOut(id, { withVolumes });
  } else {
    const state = readState(id, reference);
    const isLeft = isRestarting(state) || !removeEnded(id, undefined, { withVolumes });
    if (isLeft) throw stillRunning(reference, state);
  }
  emptyTrash();
}

/** Removes the container that has a name, where there is one; one that runs is killed first. */
export function replaceContainer(name: string): void {
  const id = maybeIdOfName(name);
  if (id !== undefined && containerIds().includes(id)) removeContainer(id, { force: true });
}

/** Kills and removes a container, of whatever version; again where somebody has started it meanwhile. */
export function forceOut(id: string, options: { readonly withVolumes?: boolean } = {}): void {
  do {
    // Before one's turn: the start that is under way may be one that does not come to its end.
    killProcesses(id);
    if (removeEnded(id, undefined, options)) return;
    killProcesses(id);
    awaitRelease(id);
  } while (true);
}

/** Kills all of a container that runs, whatever version of myctr made it. */
function killProcesses(id: string): void {
  const { pid, pidStart, cgroup } = readAnyState(id);
  if (typeof pid !== "number" || typeof pidStart !== "string") return;
  using pidfd = maybeOpenProcess({ pid, pidStart });
  if (pidfd === undefined) return;
  if (typeof cgroup === "string" && cgroup.endsWith(`/${id}`)) killCgroup(cgroup);
  sendSignal(pidfd.number, SIG.SIGKILL);
}

function stillRunning(reference: string, state: ContainerState): CtrError {
  const how = isRestarting(state) ? "about to be started again" : isPaused(state) ? "paused" : "running";
  return new CtrError("bad_state", `Cannot remove container "${reference}": it is ${how}`, {
    hint: `Write "myctr rm -f ${reference}" to end and remove it`,
  });
}
