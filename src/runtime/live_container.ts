/** A container that runs, as those who send it signals see it. */

import type { Fd } from "../../ffi/fd.ts";
import { openPidfd } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { type ContainerState, maybeTakeTurn, readPidStart, readState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";

/** How long a container that ends may take until it is seen to have ended. */
export const ENDING_MS = 100;

/** A container that runs. */
export interface LiveContainer extends Disposable {
  readonly state: ContainerState;
  /** Of process 1; undefined where that has ended, and the rest is about to. */
  readonly pidfd: Fd | undefined;
}

/**
 * Looks whether a container runs, once nobody is starting or changing it; undefined where it does not.
 *
 * @throws {CtrError} code "not_found" where it is gone by now
 */
export function maybeOpenLive(id: string, reference: string): LiveContainer | undefined {
  using _turn = maybeTakeTurn(id);
  return maybeOpenNow(readState(id, reference));
}

/** The same, of a state that was read in this turn. */
export function maybeOpenNow(state: ContainerState): LiveContainer | undefined {
  if (!isLocked(state.id)) return undefined;
  const pidfd = maybeOpenProcess(state);
  return { state, pidfd, [Symbol.dispose]: () => pidfd?.[Symbol.dispose]() };
}

/** Opens process 1, if it still is the process that was started: number and start time must agree. */
export function maybeOpenProcess(
  { pid, pidStart }: Pick<ContainerState, "pid" | "pidStart">,
): Fd | undefined {
  if (pid === undefined || pidStart === undefined) return undefined;
  using undo = new DisposableStack();
  const opened = openPidfd(pid);
  if (!opened.ok) return undefined;
  const pidfd = undo.use(opened.value);
  if (readPidStart(pid) !== pidStart) return undefined;
  undo.move();
  return pidfd;
}

/** For what needs a container that runs. */
export function notRunning(what: string): CtrError {
  return new CtrError("bad_state", `Cannot ${what}: it is not running`, { hint: 'See "myctr list -a"' });
}
