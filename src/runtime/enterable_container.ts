/** A container that a command can be run in: what is seen of it from outside, and a hold of its process 1. */

import type { Fd } from "../../ffi/fd.ts";
import { awaitEnd } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { type NamespaceKind, readIdMapOf, readOtherNamespaces } from "../host/read_namespaces.ts";
import { type ContainerState, readPidStart } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { isPaused } from "./is_paused.ts";
import { openRoot } from "./look_at_root.ts";
import { ENDING_MS, maybeOpenLive, notRunning } from "./live_container.ts";

/** It runs, and its root is complete: whoever starts a container has its turn until then. */
export interface EnterableContainer extends Disposable {
  readonly state: ContainerState;
  /** Its process 1. */
  readonly pidfd: Fd;
  readonly root: Fd;
  /** The kinds of namespace that it does not share with this process. */
  readonly namespaces: readonly NamespaceKind[];
  readonly idMap: IdMap;
}

/**
 * Opens a container. Nothing keeps it from ending: see {@link maybeEnded}.
 *
 * @throws {CtrError} code "not_found", "conflict" (several are meant), "bad_state" (it does not run, or is paused)
 */
export function openEnterable(reference: string): EnterableContainer {
  const what = `run a command in "${reference}"`;
  using undo = new DisposableStack();
  const running = maybeOpenLive(findContainer(reference), reference);
  if (running !== undefined) undo.use(running);
  if (running?.pidfd === undefined) throw notRunning(what);
  const { state, pidfd } = running;
  refusePaused(state, reference);
  const pid = state.pid!;
  // What is read by number was its own, if the number still is.
  const hasEnded = (patienceMs = 0) =>
    readPidStart(pid) !== state.pidStart || awaitEnd(pidfd.number, patienceMs);
  try {
    const root = undo.use(openRoot(pid));
    const namespaces = readOtherNamespaces(pid);
    const idMap: IdMap = namespaces.includes("user") ? readIdMapOf(pid) : { kind: "host" };
    if (hasEnded()) throw notRunning(what);
    const kept = undo.move();
    return { state, pidfd, root, namespaces, idMap, [Symbol.dispose]: () => kept[Symbol.dispose]() };
  } catch (error) {
    // Its files may be gone for a moment before it counts as ended.
    throw hasEnded(ENDING_MS) ? notRunning(what) : error;
  }
}

/** A process in a frozen group would never come to run. */
function refusePaused(state: ContainerState, reference: string): void {
  if (!isPaused(state)) return;
  throw new CtrError("bad_state", `Cannot run a command in "${reference}": it is paused`, {
    hint: `Write "myctr unpause ${reference}" first`,
  });
}

/** The error for a container that has ended, or does so within some milliseconds. */
export function maybeEnded(pidfd: Fd, milliseconds: number, reference: string): CtrError | undefined {
  if (!awaitEnd(pidfd.number, milliseconds)) return undefined;
  return new CtrError("bad_state", `Cannot run a command in "${reference}": it has just ended`, {
    hint: 'See "myctr list -a"',
  });
}
