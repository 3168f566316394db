/** A container's files in the state root, and how they are read and written. */

import { SIG } from "../../ffi/constants/process.ts";
import { awaitLock, readAt } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { changedMs, openPath, readPathStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { exitCodeOf } from "../../ffi/wait_status.ts";
import type { PortBinding } from "../host/host_facts.ts";
import { RECORD_SIZE } from "../plan/records.ts";
import type { RestartPolicy } from "../spec/restart_policy.ts";
import type { Spec } from "../spec/types.ts";
import type { Ended } from "./launch.ts";
import { stateRoot } from "./state_root.ts";

export type { PortBinding };

/** Raised whenever an older myctr would read it wrong. */
export const VERSION = 2;

/** `state.json`: what may change later, and what `list` shows. Other files tell what has happened: `lock`, `exit`. */
export interface ContainerState {
  readonly version: typeof VERSION;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly createdMs: number;
  readonly isRemovedAtExit: boolean;
  /** Names of the volumes that were made for it, and go with it; absent: none. */
  readonly ownVolumes?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What asks it to end, by number, and how long it has then; docker's 15 and 10 where they are not there. */
  readonly stopSignal?: number;
  readonly stopTimeoutSeconds?: number;
  /** Whether it has a health check: then `health.json` says how it is. */
  readonly hasHealthCheck?: true;
  /** What follows its end; absent: nothing. */
  readonly restart?: RestartState;
  /** When it was started last; absent for one that was only created. */
  readonly startedMs?: number;
  /** Absolute: the cgroup of that start, where it had one. */
  readonly cgroup?: string;
  /** Where that start's ports are reached; absent: none is published. */
  readonly ports?: readonly PortBinding[];
  /** Process 1 as the host numbers it; good only with its start time and while the lock is held. */
  readonly pid?: number;
  /** Field 22 of /proc/PID/stat: tells this process from a later one with its number. */
  readonly pidStart?: string;
}

/** A restart policy, and how far it has come. */
export interface RestartState {
  readonly policy: RestartPolicy;
  /** How often it has been started again since a user started it. */
  readonly count: number;
  /** What was, or is, waited before the last of these starts, in milliseconds. */
  readonly delayMs?: number;
  /** The process that waits for the next start; good only with its start time. */
  readonly waiter?: ProcessId;
  /** Why the last one of these starts did not come to run. */
  readonly error?: string;
}

/** A process by its number, and what tells it from a later one with that number. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly pidStart: string;
}

export function containersDirectory(): string {
  return `${stateRoot()}/containers`;
}

export function containerDirectory(id: string): string {
  return `${containersDirectory()}/${id}`;
}

/** The file that is there while a container's end is followed by another start, if its policy says so. */
export function restartMarker(id: string): string {
  return `${containerDirectory(id)}/restart`;
}

/** Reads a container's state; undefined where it is not (or no longer) there. */
export function maybeReadState(id: string): ContainerState | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${containerDirectory(id)}/state.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  return parseState(text, id);
}

/** Reads a state. @throws {CtrError} code "unsupported" where it has another version, "bad_state" where it is none */
export function parseState(text: string, id: string): ContainerState {
  const what = `Cannot read container ${id.slice(0, 12)}`;
  let state: ContainerState;
  try {
    state = JSON.parse(text);
  } catch (cause) {
    throw new CtrError("bad_state", `${what}: its state.json is damaged`, {
      hint: `Look at ${containerDirectory(id)}, and remove that directory if nothing of it is needed`,
      cause,
    });
  }
  if (state.version === VERSION) return state;
  throw new CtrError("unsupported", `${what}: its state has another version`, {
    hint: "Use the version of myctr that made it",
  });
}

/** Reads what a state of whatever version says; nothing where it is not there, or no JSON. */
export function readAnyState(id: string): { readonly [Field in keyof ContainerState]?: unknown } {
  try {
    return JSON.parse(Deno.readTextFileSync(`${containerDirectory(id)}/state.json`));
  } catch {
    return {};
  }
}

/** Reads the state of a container that was found. @throws {CtrError} code "not_found" where it is gone by now */
export function readState(id: string, reference: string): ContainerState {
  const state = maybeReadState(id);
  if (state !== undefined) return state;
  throw removed(reference);
}

/** The error for a container that was found and is gone by now. */
export function removed(reference: string): CtrError {
  return new CtrError("not_found", `Cannot find container "${reference}": it has just been removed`, {
    hint: 'See "myctr list -a"',
  });
}

/** Reads a container's specification, as it was made. */
export function readSpec(id: string): Spec {
  return JSON.parse(Deno.readTextFileSync(`${containerDirectory(id)}/config.json`)) as Spec;
}

/** Writes a state whole or not at all. */
export function writeState(directory: string, state: ContainerState): void {
  writeWhole(`${directory}/state.json`, state);
}

/** Writes JSON whole or not at all: whoever reads the file has the old text or the new one. */
export function writeWhole(path: string, value: unknown): void {
  Deno.writeTextFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
}

/**
 * Waits for one's turn at a container: until it is disposed of, no other command starts, changes or removes it.
 * Whoever has a turn waits for nothing that needs one: a container may remove itself at its end. Undefined where the
 * container is gone.
 */
export function maybeTakeTurn(id: string): Fd | undefined {
  const directory = containerDirectory(id);
  using undo = new DisposableStack();
  const opened = openTurn(directory);
  if (!opened.ok) return undefined;
  const turn = undo.use(opened.value);
  awaitLock(turn.number, "exclusive");
  // It may have been removed meanwhile, and the lock with it.
  if (!readPathStatus(directory).ok) return undefined;
  undo.move();
  return turn;
}

/** Opens the file that is locked for a turn. */
export function openTurn(directory: string): Outcome<Fd> {
  return openPath(`${directory}/state.lock`, { flags: O.O_RDWR | O.O_CREAT, mode: 0o600 });
}

/**
 * Changes a state that is there, one change after the other: two commands that each read and write lose nothing.
 * Undefined where the container is gone.
 */
export function changeState(
  id: string,
  change: (state: ContainerState) => ContainerState,
): ContainerState | undefined {
  using turn = maybeTakeTurn(id);
  const state = turn === undefined ? undefined : maybeReadState(id);
  if (state === undefined) return undefined;
  const changed = change(state);
  writeState(containerDirectory(id), changed);
  return changed;
}

/** Reads the start time of a process; undefined where it is gone. Source: proc_pid_stat(5), field 22. */
export function readPidStart(pid: number): string | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in field 2 may hold anything; what follows its last parenthesis is regular.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Podman's, for a container whose time was over. */
const TIMED_OUT = 255;

/** Gives the exit code that is shown: the command's own, 128 and its signal, or 255 when its time was over. */
export function exitCodeOfEnd({ status, isTimedOut }: Ended): number {
  return isTimedOut ? TIMED_OUT : exitCodeOf(status);
}

/** The exit code of a container whose monitor was killed, and took it along. */
export const KILLED = exitCodeOfEnd({ status: SIG.SIGKILL, isTimedOut: false });

/** Forgets how an earlier start ended; gives what puts that back, for a start that fails. */
export function forgetExit(id: string): () => void {
  const path = `${containerDirectory(id)}/exit`;
  const bytes = Deno.readFileSync(path);
  const before = readPathStatus(path);
  Deno.truncateSync(path);
  return () => {
    Deno.writeFileSync(path, bytes);
    // When it ended is the time of the file.
    if (before.ok) Deno.utimeSync(path, changedMs(before.value) / 1000, changedMs(before.value) / 1000);
  };
}

/** What the file `exit` tells. */
export interface Exit extends Ended {
  readonly finishedMs: number;
}

/** Behind the wait status stands, for a container with --timeout, the record of whether it ended in time. */
const IN_TIME_OFFSET = 4 + RECORD_SIZE / 2;
/** The file `exit` is never longer. */
export const EXIT_SIZE = 4 + RECORD_SIZE;

/** Reads how process 1 ended, and when; undefined where it has not, or nobody saw it. */
export function maybeReadExit(id: string): Exit | undefined {
  const path = `${containerDirectory(id)}/exit`;
  try {
    const bytes = Deno.readFileSync(path);
    const status = readPathStatus(path);
    return decodeExit(bytes, status.ok ? Math.floor(changedMs(status.value)) : 0);
  } catch {
    return undefined;
  }
}

/** Reads the exit code off a descriptor of the file `exit`: it may be removed by now. Undefined where none stands in it. */
export function maybeReadExitCode(exit: number): number | undefined {
  const bytes = new Uint8Array(EXIT_SIZE);
  const got = readAt(exit, bytes, 0);
  const ended = got.ok ? decodeExit(bytes.subarray(0, got.value), 0) : undefined;
  return ended === undefined ? undefined : exitCodeOfEnd(ended);
}

/** Reads the file `exit`, which was written at that time; undefined where nothing stands in it. */
export function decodeExit(bytes: Uint8Array, finishedMs: number): Exit | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isTimedOut = bytes.length > IN_TIME_OFFSET && view.getInt32(IN_TIME_OFFSET, true) === 0;
  return { status: view.getInt32(0, true), isTimedOut, finishedMs };
}
