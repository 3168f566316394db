/**
 * Restart policies, without a daemon: a container's monitor, at its end, becomes `__restart`, which decides; a small
 * program waits, and becomes `__start`. While it waits, nobody holds the container.
 */

import { delayAfter } from "../spec/restart_policy.ts";
import {
  changeState,
  containerDirectory,
  exitCodeOfEnd,
  maybeReadExit,
  maybeReadState,
  maybeTakeTurn,
  readPidStart,
  writeState,
} from "./container_state.ts";
import { holdAwaited } from "./container_store.ts";
import { isArmed, withoutWaiter } from "./restart_state.ts";
import { startHeld } from "./start.ts";
import { startWaiter } from "./waiter.ts";

/** Decides, at a container's end, whether it is started again, and has that waited for. Its lock is this process's. */
export function restartAtEnd(id: string): void {
  using turn = maybeTakeTurn(id);
  const state = turn === undefined ? undefined : maybeReadState(id);
  const end = maybeReadExit(id);
  // A stop came in between: it is what was to be done last.
  if (state?.restart === undefined || end === undefined || !isArmed(id)) return;
  const { restart, startedMs = 0 } = state;
  const delayMs = delayAfter(restart.policy, {
    exitCode: exitCodeOfEnd(end),
    ranMs: end.finishedMs - startedMs,
    count: restart.count,
    ...(restart.delayMs !== undefined && { delayMs: restart.delayMs }),
  });
  if (delayMs === undefined) return;
  const pid = startWaiter({
    delayMs,
    words: ["__start", id],
    reason:
      "A program that fails at once is not started again at once: docker's times, from 100 ms to a minute.",
    title: "myctr: waits to restart",
  });
  const pidStart = readPidStart(pid);
  if (pidStart === undefined) return;
  const { error: _, ...before } = restart;
  writeState(containerDirectory(id), {
    ...state,
    restart: { ...before, delayMs, waiter: { pid, pidStart } },
  });
}

/** Starts a container again, by the process that was to wait for that, and by no other. */
export async function startWaited(id: string): Promise<void> {
  try {
    await tryStartWaited(id);
  } catch (error) {
    // Nobody is there to be told: it stands in the state.
    const text = error instanceof Error ? error.message : String(error);
    changeState(id, ({ restart, ...state }) => ({
      ...state,
      ...(restart !== undefined && { restart: { ...withoutWaiter(restart), error: text } }),
    }));
  }
}

async function tryStartWaited(id: string): Promise<void> {
  using turn = maybeTakeTurn(id);
  const state = turn === undefined ? undefined : maybeReadState(id);
  // A user has stopped, started or removed it meanwhile.
  if (turn === undefined || state?.restart?.waiter?.pid !== Deno.pid) return;
  const restart = withoutWaiter(state.restart);
  using container = holdAwaited(id, turn);
  await startHeld(container, { ...state, restart: { ...restart, count: restart.count + 1 } });
}
