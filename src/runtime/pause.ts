/** `myctr pause` and `myctr unpause`: all processes of a container stand still, by its cgroup. */

import { CtrError } from "../errors.ts";
import { freeze, thaw } from "./cgroup.ts";
import { type ContainerState, maybeTakeTurn, readState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { isPaused } from "./is_paused.ts";
import { notRunning } from "./live_container.ts";

/**
 * Lets all processes of a container stand still; returns when they do.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (it does not run, or is paused), "unsupported" (no cgroup)
 */
export function pauseContainer(reference: string): void {
  actOn(reference, "pause", (state, cgroup) => {
    if (isPaused(state)) throw refused("pause", reference, "it is paused already");
    if (freeze(cgroup)) return;
    throw new CtrError("bad_state", `Cannot pause container "${reference}": a process does not stand still`, {
      hint: "Try again: a call that can not be interrupted holds it up, such as one to a disk or the network",
    });
  });
}

/**
 * Lets the processes of a paused container go on.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (it does not run, or is not paused)
 */
export function unpauseContainer(reference: string): void {
  actOn(reference, "unpause", (state, cgroup) => {
    if (!isPaused(state)) throw refused("unpause", reference, "it is not paused");
    thaw(cgroup);
  });
}

/** During one's turn: what runs can end meanwhile, but is not started anew. */
function actOn(
  reference: string,
  action: "pause" | "unpause",
  act: (state: ContainerState, cgroup: string) => void,
): void {
  const id = findContainer(reference);
  using _turn = maybeTakeTurn(id);
  const state = readState(id, reference);
  if (!isLocked(id)) throw notRunning(`${action} container "${reference}"`);
  if (state.cgroup === undefined) throw withoutCgroup(action, reference);
  act(state, state.cgroup);
  tellEvents([renderEvent(state, action)]);
}

function refused(action: string, reference: string, why: string): CtrError {
  return new CtrError("bad_state", `Cannot ${action} container "${reference}": ${why}`, {
    hint: 'See "myctr list -a"',
  });
}

function withoutCgroup(action: string, reference: string): CtrError {
  return new CtrError("unsupported", `Cannot ${action} container "${reference}": it has no cgroup`, {
    hint:
      "Start it as root, or where systemd has delegated a cgroup: systemd-run --user --scope -p Delegate=yes",
  });
}
