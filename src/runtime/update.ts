/** `myctr update`: another restart policy, also for a container that runs or is about to be started again. */

import { CtrError } from "../errors.ts";
import type { RestartPolicy } from "../spec/restart_policy.ts";
import { containerDirectory, maybeTakeTurn, readState, writeState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { arm, disarm } from "./restart_state.ts";

/**
 * Gives a container that policy. How often it has been started again is kept; with `no`, nothing starts it again that
 * waits to do so.
 *
 * @throws {CtrError} code "not_found", "conflict", or "usage" for one that is removed at its end
 */
export function updateRestart(reference: string, policy: RestartPolicy): void {
  const id = findContainer(reference);
  using _turn = maybeTakeTurn(id);
  const before = readState(id, reference);
  if (before.isRemovedAtExit && policy.name !== "no") throw removedAtEnd(reference);
  if (policy.name === "no") {
    const { restart: _, ...rest } = disarm(before).state;
    return writeState(containerDirectory(id), rest);
  }
  const restart = before.restart === undefined ? { policy, count: 0 } : { ...before.restart, policy };
  writeState(containerDirectory(id), { ...before, restart });
  if (before.startedMs !== undefined && isLocked(id)) arm(id);
}

/** Docker's: the two contradict each other. */
function removedAtEnd(reference: string): CtrError {
  return new CtrError("usage", `Cannot restart container "${reference}" at its end: it is removed then`, {
    hint: "Make it without --rm",
  });
}
