/** Looking at containers, which puts right what a crash left behind; and finding one. */

import { ERRNO, errnoText } from "../../ffi/constants/errno.ts";
import { SmallFiles } from "../../ffi/small_files.ts";
import { CtrError } from "../errors.ts";
import type { PortBinding } from "../host/host_facts.ts";
import type { HealthStatus } from "../spec/healthcheck.ts";
import { type ContainerDetails, readDetails } from "./container_details.ts";
import {
  containersDirectory,
  type ContainerState,
  decodeExit,
  exitCodeOfEnd,
  KILLED,
  parseState,
  removed,
} from "./container_state.ts";
import { type ContainerStatus, isAlive } from "./container_status.ts";
import { containerEntries, containerIds, removeEnded, removeUnfinished } from "./container_store.ts";
import { findError } from "./find_error.ts";
import { readHealth } from "./health_state.ts";
import { isPaused } from "./is_paused.ts";
import { maybeIdOfName } from "./names.ts";
import { isRestarting } from "./restart_state.ts";

/** What a container is doing. */
export interface ContainerCondition {
  readonly status: ContainerStatus;
  /** Of one that runs and has a health check. */
  readonly health?: HealthStatus;
  /** Where its ports are reached, of one that runs; absent: none is published. */
  readonly ports?: readonly PortBinding[];
  /** Of one that has exited, also where it is about to be started again. */
  readonly exitCode?: number;
  /** When it was started last. */
  readonly startedMs?: number;
  /** When it ended, as far as somebody saw it. */
  readonly finishedMs?: number;
}

/** What `list` shows of a container. */
export interface ContainerSummary extends ContainerCondition, ContainerDetails {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is asked of {@link listContainers}. */
export interface ListOptions {
  /** Whether those that do not run are listed too. */
  readonly all: boolean;
  /** Takes the error of a container that can't be read; without it, that is the end. */
  readonly onUnreadable?: (error: CtrError) => void;
}

/**
 * Lists containers, the newest first.
 *
 * @throws {CtrError} code "usage" where the state root can't be looked at, and what can't be read of a container
 */
export function listContainers({ all, onUnreadable }: ListOptions): readonly ContainerSummary[] {
  const entries = containerEntries();
  const opened = SmallFiles.open(containersDirectory());
  if (!opened.ok) return [];
  using files = opened.value;
  const names = new Set<string>();
  const found: ContainerSummary[] = [];
  for (const id of entries) {
    if (id.startsWith(".")) continue;
    try {
      const looked = maybeLook(id, files);
      if (looked === undefined) continue;
      names.add(looked.state.name);
      if (all || isAlive(looked.status)) found.push(summaryOf(lookedAt(looked, files)));
    } catch (error) {
      if (onUnreadable === undefined || !(error instanceof CtrError)) throw error;
      onUnreadable(error);
    }
  }
  removeUnfinished(entries, names);
  return found.sort((a, b) => b.createdMs - a.createdMs);
}

/** A container as it is now. */
export interface LookedAt {
  readonly state: ContainerState;
  readonly condition: ContainerCondition;
}

/** Looks at one container. @throws {CtrError} code "not_found" where it is gone by now, or what can't be read of it */
export function lookAt(id: string, reference: string): LookedAt {
  const opened = SmallFiles.open(containersDirectory());
  using files = opened.ok ? opened.value : undefined;
  const looked = files === undefined ? undefined : maybeLook(id, files);
  if (files === undefined || looked === undefined) throw removed(reference);
  return lookedAt(looked, files);
}

interface Looked {
  readonly state: ContainerState;
  readonly status: ContainerCondition["status"];
}

/** Looks at a container; removes it where its own `--rm` or an unfinished start says so. */
function maybeLook(id: string, files: SmallFiles): Looked | undefined {
  const state = maybeState(id, files);
  if (state === undefined) {
    // Whoever holds it is still making it.
    if (!files.isLocked(`${id}/lock`)) removeEnded(id, (state) => state !== undefined);
    return undefined;
  }
  // One that was never started does not run: nothing more has to be read.
  if (state.startedMs === undefined) return { state, status: "created" };
  // The lock comes before the end: a container that ends in between is seen as running, never as lost.
  const isHeld = files.isLocked(`${id}/lock`);
  if (isHeld) return { state, status: isPaused(state) ? "paused" : "running" };
  if (state.isRemovedAtExit) {
    removeEnded(id, (state) => state === undefined || !state.isRemovedAtExit);
    return undefined;
  }
  return { state, status: isRestarting(state) ? "restarting" : "exited" };
}

/** Reads what else there is to be told of it. */
function lookedAt({ state, status }: Looked, files: SmallFiles): LookedAt {
  const { startedMs } = state;
  const start = startedMs === undefined ? {} : { startedMs };
  const hasEnded = status === "exited" || status === "restarting";
  const health = state.hasHealthCheck && !hasEnded && status !== "created"
    ? { health: readHealth(state.id).status }
    : {};
  const hasPorts = state.ports !== undefined && !hasEnded && status !== "created";
  return {
    state,
    condition: {
      status,
      ...start,
      ...health,
      ...(hasPorts && { ports: state.ports }),
      ...(hasEnded && readEnd(state, files)),
    },
  };
}

function maybeState(id: string, files: SmallFiles): ContainerState | undefined {
  const read = files.read(`${id}/state.json`);
  if (read.ok) return parseState(decoder.decode(read.value), id);
  // Not made yet, or just removed.
  if (read.errno === ERRNO.ENOENT || read.errno === ERRNO.ENOTDIR) return undefined;
  throw new CtrError("bad_state", `Cannot read container ${id.slice(0, 12)}: ${errnoText(read.errno)}`, {
    hint: `Look at ${containersDirectory()}/${id}`,
  });
}

const decoder = new TextDecoder();

function readEnd(
  { id, startedMs = 0 }: ContainerState,
  files: SmallFiles,
): { readonly exitCode: number; readonly finishedMs?: number } {
  const read = files.readDated(`${id}/exit`);
  const exit = read.ok ? decodeExit(read.value.bytes, read.value.modifiedMs) : undefined;
  // No status: the monitor was killed, and took process 1 with it.
  if (exit === undefined) return { exitCode: KILLED };
  return {
    exitCode: exitCodeOfEnd(exit),
    // The kernel dates files by a clock that stands still between ticks.
    finishedMs: Math.max(startedMs, exit.finishedMs),
  };
}

function summaryOf({ state, condition }: LookedAt): ContainerSummary {
  const { id, name, image, command, createdMs, labels } = state;
  return { id, name, image, command, createdMs, labels, ...condition, ...readDetails(id) };
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
  throw findError(reference, matching.length);
}
