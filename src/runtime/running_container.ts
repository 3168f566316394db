/** A container that runs, and a hold of its process 1 that can not become another process's. */

import { type Fd } from "../../ffi/fd.ts";
import { awaitEnd, openPidfd } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { type NamespaceKind, readIdMapOf, readOtherNamespaces } from "../host/read_namespaces.ts";
import { readText } from "../host/read_text.ts";
import { type ContainerState, readPidStart, readState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { isPaused } from "./is_paused.ts";
import { openRoot } from "./look_at_root.ts";
import { stateRoot } from "./state_root.ts";

/** What is seen of it from outside. */
export interface RunningContainer extends Disposable {
  readonly state: ContainerState;
  /** Its process 1. */
  readonly pidfd: Fd;
  readonly root: Fd;
  /** The kinds of namespace that it has for itself. */
  readonly namespaces: readonly NamespaceKind[];
  readonly idMap: IdMap;
}

/**
 * Opens a container that runs. Nothing keeps it from ending: see {@link maybeEnded}.
 *
 * @throws {CtrError} code "not_found", "conflict" (several are meant), "bad_state" (it does not run, or is paused)
 */
export function openRunning(reference: string): RunningContainer {
  const id = findContainer(reference);
  const state = readState(id, reference);
  const { pid, pidStart } = state;
  if (!isLocked(id) || pid === undefined || pidStart === undefined) throw notRunning(reference);
  const opened = openPidfd(pid);
  if (!opened.ok) throw notRunning(reference);
  using undo = new DisposableStack();
  const pidfd = undo.use(opened.value);
  try {
    refuseUnready(pid, reference);
    refusePaused(state, reference);
    const root = undo.use(openRoot(pid));
    const namespaces = readOtherNamespaces(pid);
    const idMap: IdMap = namespaces.includes("user") ? readIdMapOf(pid) : { kind: "host" };
    // All that was read by number was its own, if the number still is.
    if (readPidStart(pid) !== pidStart || awaitEnd(pidfd.number, 0)) throw notRunning(reference);
    const kept = undo.move();
    return { state, pidfd, root, namespaces, idMap, [Symbol.dispose]: () => kept[Symbol.dispose]() };
  } catch (error) {
    if (readPidStart(pid) === pidStart && !awaitEnd(pidfd.number, 0)) throw error;
    throw notRunning(reference);
  }
}

/** While it is being started, process 1 is still the program that starts it, and its root is this machine's. */
function refuseUnready(pid: number, reference: string): void {
  const isProgram = ["/memfd:myctr", `${stateRoot()}/#`].some((name) => executableOf(pid).startsWith(name));
  // An init stays that program; it takes this name when all is in place.
  if (!isProgram || readText(`/proc/${pid}/comm`).trim() === "init") return;
  throw new CtrError("bad_state", `Cannot run a command in "${reference}": it is still being started`, {
    hint: "Try again",
  });
}

function executableOf(pid: number): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

/** A process in a frozen group would never come to run. */
function refusePaused(state: ContainerState, reference: string): void {
  if (!isPaused(state)) return;
  throw new CtrError("bad_state", `Cannot run a command in "${reference}": it is paused`, {
    hint: `Write "myctr unpause ${reference}" first`,
  });
}

function notRunning(reference: string): CtrError {
  return new CtrError("bad_state", `Cannot run a command in "${reference}": it is not running`, {
    hint: 'See "myctr list -a"',
  });
}

/** Whether a container has ended, or does so within some milliseconds; and the error that says so. */
export function maybeEnded(pidfd: Fd, milliseconds: number, reference: string): CtrError | undefined {
  if (!awaitEnd(pidfd.number, milliseconds)) return undefined;
  return new CtrError("bad_state", `Cannot run a command in "${reference}": it has just ended`, {
    hint: 'See "myctr list -a"',
  });
}
