/** `myctr list` and `myctr rm`: looking at containers, which first puts right what a crash left behind. */

import { SIG } from "../../ffi/constants/process.ts";
import { openPidfd, sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import {
  type ContainerState,
  exitCodeOfEnd,
  maybeReadExit,
  maybeReadState,
  readPidStart,
} from "./container_state.ts";
import { containerIds, isLocked, removeFiles, removeUnfinished, waitForLock } from "./container_store.ts";
import { maybeIdOfName } from "./names.ts";
import { emptyTrash } from "./trash.ts";

/** What `list` shows of a container. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly createdMs: number;
  readonly status: "running" | "created" | "exited";
  readonly exitCode?: number;
  readonly startedMs?: number;
  readonly finishedMs?: number;
}

/** Lists containers, the newest first; only those that run unless `all`. */
export function listContainers({ all }: { all: boolean }): readonly ContainerSummary[] {
  removeUnfinished();
  return containerIds()
    .flatMap((id) => reconcile(id) ?? [])
    .filter(({ status }) => all || status === "running")
    .sort((a, b) => b.createdMs - a.createdMs);
}

/** Reads a container as it is; removes it where its own `--rm` or an unfinished start says so. */
function reconcile(id: string): ContainerSummary | undefined {
  // The lock comes first: a container that ends in between is seen as running, never as lost.
  const isRunning = isLocked(id);
  const state = maybeReadState(id);
  if (isRunning) {
    return state === undefined
      ? undefined
      : summary(state, { status: "running", startedMs: state.createdMs });
  }
  if (state === undefined || state.isRemovedAtExit) {
    removeFiles(id);
    return undefined;
  }
  const exit = maybeReadExit(id);
  // No status: the monitor was killed, and took process 1 with it.
  const exitCode = exitCodeOfEnd(exit ?? { status: SIG.SIGKILL, isTimedOut: false });
  return summary(state, { status: "exited", exitCode, finishedMs: exit?.finishedMs ?? state.createdMs });
}

function summary(
  { id, name, image, command, createdMs }: ContainerState,
  rest: Pick<ContainerSummary, "status" | "exitCode" | "startedMs" | "finishedMs">,
): ContainerSummary {
  return { id, name, image, command, createdMs, ...rest };
}

/**
 * Finds a container by full id, name, or the beginning of its id.
 *
 * @throws {CtrError} code "not_found", or "conflict" where several ids begin so
 */
export function findContainer(reference: string): string {
  const ids = containerIds();
  if (ids.includes(reference)) return reference;
  const named = /^[\w.-]+$/.test(reference) ? maybeIdOfName(reference) : undefined;
  if (named !== undefined && ids.includes(named)) return named;
  const matching = /^[0-9a-f]+$/.test(reference) ? ids.filter((id) => id.startsWith(reference)) : [];
  if (matching.length === 1) return matching[0]!;
  if (matching.length === 0) {
    throw new CtrError(
      "not_found",
      `Cannot find container "${reference}": there is none of that name or id`,
      {
        hint: 'See "myctr list -a"',
      },
    );
  }
  throw new CtrError("conflict", `Cannot find container "${reference}": ${matching.length} ids begin so`, {
    hint: "Write more digits of the id",
  });
}

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
