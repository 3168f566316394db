/** What is kept of a restart policy, beside the container's state: whether it holds, and what waits. */

import { SIG } from "../../ffi/constants/process.ts";
import { readPathStatus } from "../../ffi/file.ts";
import { sendSignal } from "../../ffi/process.ts";
import type { RestartPolicy } from "../spec/restart_policy.ts";
import {
  containerDirectory,
  type ContainerState,
  readPidStart,
  restartMarker,
  type RestartState,
  writeState,
} from "./container_state.ts";
import { maybeOpenProcess } from "./live_container.ts";

/** The state of a policy when a user starts the container; undefined for one that is never started again. */
export function firstRestart(policy: RestartPolicy): RestartState | undefined {
  return policy.name === "no" ? undefined : { policy, count: 0 };
}

/** Whether a container that does not run is about to be started again: something waits for that. */
export function isRestarting({ restart }: Pick<ContainerState, "restart">): boolean {
  return restart?.waiter !== undefined && readPidStart(restart.waiter.pid) === restart.waiter.pidStart;
}

/** From now on the container's end is followed by another start, if its policy says so. */
export function arm(id: string): void {
  Deno.writeTextFileSync(restartMarker(id), "", { mode: 0o600 });
}

/** Whether it is so. */
export function isArmed(id: string): boolean {
  return readPathStatus(restartMarker(id)).ok;
}

/**
 * Makes the next end of a container its last one, and ends what waits to start it. It is the caller's turn.
 *
 * @returns the state as it is now, and whether something waited
 */
export function disarm(
  state: ContainerState,
): { readonly state: ContainerState; readonly hasWaited: boolean } {
  const { id, restart } = state;
  if (restart === undefined) return { state, hasWaited: false };
  try {
    Deno.removeSync(restartMarker(id));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (restart.waiter === undefined) return { state, hasWaited: false };
  const hasWaited = endWaiter(restart);
  const changed = { ...state, restart: withoutWaiter(restart) };
  writeState(containerDirectory(id), changed);
  return { state: changed, hasWaited };
}

/** Where nothing waits any more. */
export function withoutWaiter({ waiter: _, ...rest }: RestartState): RestartState {
  return rest;
}

/** Ends what waits to start a container. */
export function endWaiter({ waiter }: RestartState): boolean {
  if (waiter === undefined) return false;
  using pidfd = maybeOpenProcess(waiter);
  return pidfd !== undefined && sendSignal(pidfd.number, SIG.SIGKILL).ok;
}
