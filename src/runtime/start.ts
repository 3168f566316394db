/** `myctr start`: another start of a container that is there. */

import { CtrError } from "../errors.ts";
import type { DetachKeys } from "../spec/detach_keys.ts";
import { ANNOTATION } from "../spec/types.ts";
import { removeCgroup } from "./cgroup.ts";
import type { ContainerState } from "./container_state.ts";
import { readState } from "./container_state.ts";
import { type HeldContainer, isLocked, maybeHold } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { prepareStart } from "./prepare.ts";
import { repairLogs } from "./repair_logs.ts";
import { disarm, firstRestart } from "./restart_state.ts";
import { followContainer, type Startable, startContainer, tellNetwork } from "./start_container.ts";
import { reap } from "./reap.ts";

/** How it is started. */
export interface StartOptions {
  /** Whether this process stays, with its own streams. */
  readonly isAttached: boolean;
  /** Whether keys typed here go to the container's terminal, where it has one. */
  readonly isTyping?: boolean;
  readonly detachKeys?: DetachKeys;
  readonly sigProxy?: boolean;
  /** Whether it is removed at its end again, as `restart` has put that off; else it is as it was made. */
  readonly isRemovedAtExit?: true;
  readonly failStep?: string;
  readonly pauseStep?: string;
}

/**
 * Starts a container; one that runs already is left alone. Gives the exit code: 0 in the background.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (attached: it runs), or what the start meets
 */
export async function startAgain(
  reference: string,
  { isRemovedAtExit, ...options }: StartOptions,
): Promise<number> {
  const id = findContainer(reference);
  using container = maybeHold(id);
  const { isAttached } = options;
  if (container === undefined) return alreadyRunning(reference, { id, isAttached });
  const { state: before } = disarm(readState(id, reference));
  const restart = before.restart === undefined ? undefined : firstRestart(before.restart.policy);
  const state = {
    ...before,
    ...(restart !== undefined && { restart }),
    ...(isRemovedAtExit && { isRemovedAtExit }),
  };
  return await startHeld(container, state, options);
}

/** Starts a container that is held. Gives the exit code: 0 in the background. @throws {CtrError} what the start meets */
export async function startHeld(
  container: HeldContainer,
  state: ContainerState,
  { isAttached, isTyping = false, detachKeys, sigProxy, ...asked }: StartOptions = { isAttached: false },
): Promise<number> {
  // Where the monitor was killed, somebody may be left in it, or it may be held: nothing can start there.
  if (state.cgroup !== undefined) removeCgroup(state.cgroup);
  const prepared = await prepareStart(state, { isAttached, isTyping });
  tellNetwork(prepared);
  const { process, annotations } = prepared.spec;
  if (process.terminal && isTyping) {
    const { refuseNoTerminal } = await import("./keyboard.ts");
    refuseNoTerminal({
      isTyping: annotations[ANNOTATION.interactive] === "true",
      hint: "Leave out -i: with -a alone it is only shown",
    });
  }
  repairLogs(state.id);
  const startable: Startable = {
    prepared,
    container,
    state,
    isNew: false,
    stay: { ...(detachKeys !== undefined && { detachKeys }), ...(sigProxy !== undefined && { sigProxy }) },
    asked: { explain: false, ...asked },
  };
  if (!isAttached) {
    await startContainer(startable);
    return 0;
  }
  return await follow(startable, state);
}

async function follow(startable: Startable, { id, isRemovedAtExit }: ContainerState): Promise<number> {
  const { exitCode, engine } = await followContainer(startable, () => {});
  if (isRemovedAtExit && engine !== "left") reap(id);
  return exitCode;
}

function alreadyRunning(reference: string, { id, isAttached }: { id: string; isAttached: boolean }): number {
  // It may have been removed in between: then there is something to be said.
  if (!isLocked(id)) readState(id, reference);
  if (!isAttached) return 0;
  throw new CtrError("bad_state", `Cannot attach to container "${reference}": it is running already`, {
    hint: `Write "myctr attach ${reference}"`,
  });
}
