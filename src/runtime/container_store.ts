/** Making and removing a container's directory, and asking whether it runs. */

import { RLIM_INFINITY } from "../../ffi/constants/process.ts";
import { awaitLock, tryLock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { umask } from "../../ffi/process.ts";
import { openPath, readPathStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { ANNOTATION, type Spec, UNLIMITED } from "../spec/types.ts";
import { maybeCgroupOf } from "../host/read_cgroup.ts";
import { removeCgroup } from "./cgroup.ts";
import {
  containerDirectory,
  containersDirectory,
  type ContainerState,
  maybeReadState,
  maybeTakeTurn,
  openTurn,
  readAnyState,
  VERSION,
} from "./container_state.ts";
import { engineFiles } from "./engine_files.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { dropName, dropNamesOf, dropStaleNames, isSettled, takeName } from "./names.ts";
import { endWaiter } from "./restart_state.ts";
import type { Prepared } from "./prepare.ts";
import { stateRoot } from "./state_root.ts";
import { discard } from "./trash.ts";

/** A container with its lock held, ready to be started. */
export interface HeldContainer extends Disposable {
  readonly id: string;
  readonly directory: string;
  /** Given up as soon as it runs: see maybeTakeTurn() in container_state.ts. */
  readonly turn: Fd;
  readonly lock: Fd;
  /** The file that takes the wait status; until then it may have that of an earlier start. */
  readonly exit: Fd;
}

/** A container that has its directory, its name and its lock. */
export interface CreatedContainer extends HeldContainer {
  readonly name: string;
}

/** Makes the state root and its folders; nobody else may look in. */
export function makeStateRoot(): void {
  const root = stateRoot();
  try {
    // The last one shows that all are there.
    for (const name of ["containers", "names", "trash"]) {
      Deno.mkdirSync(`${root}/${name}`, { recursive: true, mode: 0o700 });
    }
  } catch (error) {
    throw new CtrError("usage", `Cannot make the state directory "${root}": ${wordsOf(error)}`, {
      hint: "Choose another one by --root DIR or MYCTR_ROOT",
      cause: error,
    });
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists) {
    return "a file is in the way";
  }
  return error instanceof Error ? error.message.replace(/ \(os error.*/, "").toLowerCase() : String(error);
}

/**
 * Creates a container's directory under a name that no other command looks at, takes its lock, and only then puts it
 * in its place: a container that can be seen is locked by the one who makes it.
 */
export function createContainer(id: string, wantedName: string | undefined): CreatedContainer {
  if (!readPathStatus(`${stateRoot()}/trash`).ok) makeStateRoot();
  const name = takeName(id, wantedName);
  const making = `${containersDirectory()}/.new-${id}`;
  using undo = new DisposableStack();
  undo.defer(() => dropName(name, id));
  Deno.mkdirSync(making, { mode: 0o700 });
  undo.defer(() => discard(making));
  Deno.mkdirSync(`${making}/logs`, { mode: 0o700 });
  const lock = undo.use(
    unwrap(openPath(`${making}/lock`, { flags: O.O_RDWR | O.O_CREAT, mode: 0o600 }), "open lock"),
  );
  unwrap(tryLock(lock.number, "exclusive"), "lock");
  const turn = undo.use(unwrap(openTurn(making), "open state.lock"));
  unwrap(tryLock(turn.number, "exclusive"), "lock");
  const exit = undo.use(openExit(making));
  const directory = containerDirectory(id);
  Deno.renameSync(making, directory);
  undo.move();
  return {
    id,
    name,
    directory,
    turn,
    lock,
    exit,
    [Symbol.dispose]() {
      for (const each of [lock, exit, turn]) each[Symbol.dispose]();
    },
  };
}

function openExit(directory: string): Fd {
  const flags = O.O_WRONLY | O.O_CREAT;
  return unwrap(openPath(`${directory}/exit`, { flags, mode: 0o600 }), "open exit");
}

/** Takes the lock of a container that is there; undefined where it runs, or has just been removed. */
export function maybeHold(id: string): HeldContainer | undefined {
  using undo = new DisposableStack();
  const turn = maybeTakeTurn(id);
  if (turn === undefined) return undefined;
  undo.use(turn);
  const lock = maybeTakeLife(id);
  if (lock === undefined) return undefined;
  undo.use(lock);
  // Without a state it is what a killed command left, which "list" removes.
  if (maybeReadState(id) === undefined) return undefined;
  undo.move();
  return heldBy(id, { turn, lock });
}

/**
 * Waits for the lock of a container that has ended, for one whose turn it is: only those who look at it have it, for an
 * instant.
 */
export function holdAwaited(id: string, turn: Fd): HeldContainer {
  const path = `${containerDirectory(id)}/lock`;
  const lock = unwrap(openPath(path, { flags: O.O_RDWR }), "open lock");
  awaitLock(lock.number, "exclusive");
  return heldBy(id, { turn, lock });
}

function heldBy(id: string, locks: { readonly turn: Fd; readonly lock: Fd }): HeldContainer {
  using undo = new DisposableStack();
  for (const each of [locks.turn, locks.lock]) undo.use(each);
  const directory = containerDirectory(id);
  const exit = undo.use(openExit(directory));
  const kept = undo.move();
  return { id, directory, ...locks, exit, [Symbol.dispose]: () => kept[Symbol.dispose]() };
}

/** Takes the lock that says whether a container runs, for one whose turn it is; undefined where it runs. */
function maybeTakeLife(id: string): Fd | undefined {
  const opened = openPath(`${containerDirectory(id)}/lock`, { flags: O.O_RDWR });
  if (!opened.ok) return undefined;
  using undo = new DisposableStack();
  const lock = undo.use(opened.value);
  if (!tryLock(lock.number, "exclusive").ok) {
    // Whoever only asks shares the lock for an instant; who holds it for life shares it with nobody.
    if (!tryLock(lock.number, "shared").ok) return undefined;
    // Nobody else can take it for life now: that needs a turn.
    awaitLock(lock.number, "exclusive");
  }
  undo.move();
  return lock;
}

/** Writes what a container's mounts will need into its directory. */
export function furnish(directory: string, { spec, host }: Pick<Prepared, "spec" | "host">): void {
  Deno.writeTextFileSync(`${directory}/config.json`, renderSpec(spec), { mode: 0o600 });
  refreshEngineFiles(directory, { spec, host });
  if (spec.annotations[ANNOTATION.root] === "overlay") makeLayers(directory);
}

/** Writes resolv.conf, hosts and hostname, as they are for a start now. */
export function refreshEngineFiles(directory: string, { spec, host }: Pick<Prepared, "spec" | "host">): void {
  // The mask of the caller must not decide what programs in the container can read.
  const before = umask(0);
  for (const [file, text] of Object.entries(engineFiles(spec, host.network))) {
    Deno.writeTextFileSync(`${directory}/${file}`, text, { mode: 0o644 });
  }
  umask(before);
}

/** RLIM_INFINITY has more digits than a number keeps. */
function renderSpec(spec: Spec): string {
  if (spec.process.rlimits.length === 0) return JSON.stringify(spec);
  // The compiler's library does not know it yet. Source: ECMAScript proposal JSON.parse source text access.
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  const exactly = rawJSON(String(RLIM_INFINITY));
  return JSON.stringify(spec, (_, value) => value === UNLIMITED ? exactly : value);
}

export function makeLayers(directory: string): void {
  for (const name of ["layers", "layers/upper", "layers/work"]) {
    Deno.mkdirSync(`${directory}/${name}`);
    Deno.chmodSync(`${directory}/${name}`, 0o755);
  }
}

/** Whether the container's monitor (or the command that is making it) lives: its lock is held. */
export function isLocked(id: string): boolean {
  return isLockedAt(containerDirectory(id));
}

function isLockedAt(directory: string): boolean {
  const opened = openPath(`${directory}/lock`, { flags: O.O_RDONLY });
  if (!opened.ok) return false;
  using fd = opened.value;
  // Shared: two who look do not take each other for the holder.
  return !tryLock(fd.number, "shared").ok;
}

/**
 * Removes a container whose lock is this process's, or whose start has failed. With `isAtEnd` it stays where it is not
 * to be removed at its end any more; whether it is removed is the result.
 */
export function removeFiles(id: string, { isAtEnd = false } = {}): boolean {
  using turn = maybeTakeTurn(id);
  if (turn === undefined) return true;
  const state = readAnyState(id);
  if (isAtEnd && state.isRemovedAtExit === false) return false;
  discardFiles(id, state);
  return true;
}

/**
 * Removes a container that does not run; false, and it is left alone, where it runs. `isNeeded` is asked about its state
 * when nobody else can change it.
 */
export function removeEnded(
  id: string,
  isNeeded?: (state: ContainerState | undefined) => boolean,
  { withVolumes = false } = {},
): boolean {
  using turn = maybeTakeTurn(id);
  if (turn === undefined) return true;
  using life = maybeTakeLife(id);
  if (life === undefined) return false;
  if (!isNeeded?.(maybeReadState(id))) discardFiles(id, readAnyState(id), { withVolumes });
  return true;
}

/** Takes a container away whose turn it is: a rename, and the rest when there is time. */
function discardFiles(
  id: string,
  any: ReturnType<typeof readAnyState>,
  { withVolumes = false } = {},
): void {
  const { version, name, cgroup = maybeCgroupOf(id, Deno.uid() ?? 0) } = any;
  const state = version === VERSION ? any as unknown as ContainerState : undefined;
  if (typeof cgroup === "string" && cgroup.endsWith(`/${id}`)) removeCgroup(cgroup);
  // Without a state that can be read, only the names know which of them it has.
  if (typeof name === "string" && state !== undefined) dropName(name, id);
  else dropNamesOf(id);
  if (state?.restart !== undefined) endWaiter(state.restart);
  discard(containerDirectory(id));
  const { isRemovedAtExit, ownVolumes = [] } = any;
  if (isRemovedAtExit === true || withVolumes) discardVolumes(ownVolumes as readonly string[]);
  if (state !== undefined) tellEvents([renderEvent(state, "destroy")]);
}

/** Takes away volumes that were made for a container, and that no other one has taken over from it. */
export function discardVolumes(names: readonly string[]): void {
  for (const name of names) {
    if (/^[0-9a-f]{64}$/.test(name) && !containerIds().some((id) => mentions(id, name))) {
      discard(`${stateRoot()}/volumes/${name}`);
    }
  }
}

function mentions(id: string, name: string): boolean {
  try {
    return Deno.readTextFileSync(`${containerDirectory(id)}/config.json`).includes(name);
  } catch {
    return false;
  }
}

/**
 * Removes what a command left that was killed while it made a container: hidden directories, of `names` in the directory
 * of containers, and names without a container. The names that are known to be taken are not looked at.
 */
export function removeUnfinished(names: readonly string[], known: ReadonlySet<string>): void {
  for (const name of names) {
    if (!name.startsWith(".new-")) continue;
    const directory = `${containersDirectory()}/${name}`;
    if (isSettled(directory) && !isLockedAt(directory)) discard(directory);
  }
  dropStaleNames(known);
}

/** Lists the ids of all containers that are in their place. */
export function containerIds(): string[] {
  return containerEntries().filter((name) => !name.startsWith("."));
}

/**
 * Lists all that is in the directory of containers: ids, and hidden ones that are being made.
 *
 * @throws {CtrError} code "usage" where it can't be looked at
 */
export function containerEntries(): string[] {
  try {
    return Array.from(Deno.readDirSync(containersDirectory()), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new CtrError("usage", `Cannot look into the state directory "${stateRoot()}": ${wordsOf(error)}`, {
      hint: "Choose another one by --root DIR or MYCTR_ROOT",
      cause: error,
    });
  }
}
