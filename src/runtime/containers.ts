/** Looking at containers, which first puts right what a crash left behind; and finding one. */

import { SIG } from "../../ffi/constants/process.ts";
import { CtrError } from "../errors.ts";
import { type ContainerState, exitCodeOfEnd, maybeReadExit, maybeReadState } from "./container_state.ts";
import { containerIds, isLocked, removeFiles, removeUnfinished } from "./container_store.ts";
import { maybeIdOfName } from "./names.ts";

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
      : summary(state, { status: "running", startedMs: state.startedMs ?? state.createdMs });
  }
  if (state !== undefined && state.startedMs === undefined) return summary(state, { status: "created" });
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
