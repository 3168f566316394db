/** Volumes: directories that outlive containers, in the state root by their names. */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { tryLock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath, readPathStatus, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { didYouMean } from "../spec/nearest.ts";
import type { PruneFilter } from "../spec/prune_filter.ts";
import { ANNOTATION } from "../spec/types.ts";
import { maybeReadState, readSpec } from "./container_state.ts";
import { measureTree } from "./container_details.ts";
import { containerIds, makeStateRoot } from "./container_store.ts";
import { newId } from "./new_id.ts";
import { stateRoot } from "./state_root.ts";
import { discard, emptyTrash } from "./trash.ts";

/** Raised whenever an older myctr would read volume.json wrong. */
const VERSION = 1;

/** How the directory of a volume begins that is being made. */
const MAKING = ".new-";

/** What volume.json says. */
export interface Volume {
  readonly version: typeof VERSION;
  readonly name: string;
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Whether nobody named it: it goes with the container that it was made for. */
  readonly isAnonymous: boolean;
}

/** How a volume is made. */
export type NewVolume = Pick<Volume, "labels" | "options" | "isAnonymous">;

/** What a container keeps of its volumes. */
export interface VolumeUse {
  readonly name: string;
  readonly destination: string;
}

/** Where a volume's own files are. */
export function volumeData(name: string): string {
  return `${volumeDirectory(name)}/_data`;
}

/** Where a volume is. */
export function volumeDirectory(name: string): string {
  return `${stateRoot()}/volumes/${name}`;
}

/** Makes a volume where there is none of that name. @throws {CtrError} where there is one that can't be read */
export function ensureVolume(name: string, made: NewVolume): Volume {
  const there = maybeReadVolume(name);
  if (there !== undefined) return there;
  makeStateRoot();
  const volumes = `${stateRoot()}/volumes`;
  Deno.mkdirSync(volumes, { recursive: true, mode: 0o700 });
  const volume: Volume = { version: VERSION, name, createdMs: Date.now(), ...made };
  const making = `${volumes}/${MAKING}${newId().slice(0, 16)}`;
  try {
    Deno.mkdirSync(`${making}/_data`, { recursive: true });
    Deno.chmodSync(`${making}/_data`, 0o755);
    Deno.writeTextFileSync(`${making}/volume.json`, JSON.stringify(volume), { mode: 0o600 });
    // A directory never takes the place of one with something in it: the first one counts.
    Deno.renameSync(making, volumeDirectory(name));
  } catch (error) {
    if (readPathStatus(making).ok) Deno.removeSync(making, { recursive: true });
    const first = maybeReadVolume(name);
    if (first === undefined) throw error;
    return first;
  }
  return volume;
}

/** Reads a volume; undefined where there is none. @throws {CtrError} code "unsupported" for one of another version */
export function maybeReadVolume(name: string): Volume | undefined {
  let volume: Volume;
  try {
    volume = JSON.parse(Deno.readTextFileSync(`${volumeDirectory(name)}/volume.json`)) as Volume;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CtrError(
      "bad_state",
      `Cannot read volume ${JSON.stringify(name)}: its volume.json is damaged`,
      {
        hint: `Look at ${volumeDirectory(name)}`,
        cause: error,
      },
    );
  }
  if (volume.version === VERSION) return volume;
  throw new CtrError("unsupported", `Cannot read volume ${JSON.stringify(name)}: it has another version`, {
    hint: "Use the version of myctr that made it",
  });
}

/** Reads a volume that must be there. @throws {CtrError} code "not_found" */
export function readVolume(name: string): Volume {
  const volume = isVolumeName(name) ? maybeReadVolume(name) : undefined;
  if (volume !== undefined) return volume;
  throw noVolume(name);
}

function noVolume(name: string): CtrError {
  return new CtrError("not_found", `Cannot find volume ${JSON.stringify(name)}: there is none of that name`, {
    hint: didYouMean(name, volumeNames(), 'See "myctr volume ls"'),
  });
}

/** What can't be a name must not become a path. */
function isVolumeName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(name);
}

/** Names of all volumes, in their order. */
export function volumeNames(): readonly string[] {
  return entriesOfVolumes().filter(isVolumeName).sort();
}

function entriesOfVolumes(): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(`${stateRoot()}/volumes`), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Lists all volumes by name; what can't be read is told of. */
export function listVolumes(onUnreadable: (error: CtrError) => void): readonly Volume[] {
  return volumeNames().flatMap((name) => {
    try {
      return maybeReadVolume(name) ?? [];
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      onUnreadable(error);
      return [];
    }
  });
}

/** Ids of the containers that use each volume, whether they run or not. */
export function volumeUsers(): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const id of containerIds()) {
    for (const { name } of usesOf(id)) users.set(name, [...users.get(name) ?? [], id]);
  }
  return users;
}

/** The volumes of a container. */
export function usesOf(id: string): readonly VolumeUse[] {
  try {
    return JSON.parse(readSpec(id).annotations[ANNOTATION.volumes] ?? "[]") as readonly VolumeUse[];
  } catch {
    return [];
  }
}

/** Bytes of a volume's files, as far as they can be looked at. */
export function volumeSize(name: string): number {
  return measureTree(volumeData(name));
}

/** Removes a volume. @throws {CtrError} code "not_found", or "conflict" where a container uses it */
export function removeVolume(name: string): void {
  readVolume(name);
  using _life = lockVolume(name);
  const [user] = volumeUsers().get(name) ?? [];
  if (user !== undefined) {
    const called = maybeReadState(user)?.name ?? user.slice(0, 12);
    throw new CtrError(
      "conflict",
      `Cannot remove volume ${JSON.stringify(name)}: container "${called}" uses it`,
      {
        hint: `Remove the container first: "myctr rm ${called}"`,
      },
    );
  }
  discard(volumeDirectory(name));
  emptyTrash();
}

/** Which volumes go. */
export interface PruneVolumesRequest {
  /** Whether those with names go too. */
  readonly all: boolean;
  readonly filters: readonly PruneFilter[];
}

/** Removes the volumes that no container uses and that fit all filters. */
export function pruneVolumes(
  { all, filters }: PruneVolumesRequest,
): { readonly names: readonly string[]; readonly bytes: number } {
  const users = volumeUsers();
  const names: string[] = [];
  let bytes = 0;
  for (const volume of listVolumes(() => {})) {
    const { name, isAnonymous } = volume;
    if (users.has(name) || !all && !isAnonymous || !filters.every(({ fits }) => fits(volume))) continue;
    const size = volumeSize(name);
    if (!discardUnused(name)) continue;
    bytes += size;
    names.push(name);
  }
  discardUnfinished();
  emptyTrash();
  return { names, bytes };
}

/** Nobody takes so long, in milliseconds, to make an empty volume. */
const UNFINISHED_MS = 60_000;

/** Takes away what a command was killed over while it made it. */
function discardUnfinished(): void {
  for (const name of entriesOfVolumes().filter((entry) => entry.startsWith(MAKING))) {
    const path = `${stateRoot()}/volumes/${name}`;
    const found = readPathStatus(path);
    if (found.ok && Date.now() - found.value.mtime.seconds * 1000 > UNFINISHED_MS) discard(path);
  }
}

/** Takes a volume away, unless it is being filled, or a container uses it by now: to measure it may have taken long. */
function discardUnused(name: string): boolean {
  using held = maybeOpenVolume(name);
  if (held === undefined || !tryLock(held.number, "exclusive").ok || volumeUsers().has(name)) return false;
  if (!isSameVolume(held, name)) return false;
  discard(volumeDirectory(name));
  return true;
}

/** Holds a volume that is to be removed. @throws {CtrError} where another one holds or has removed it */
function lockVolume(name: string): Fd {
  const opened = maybeOpenVolume(name);
  if (opened === undefined) throw noVolume(name);
  if (tryLock(opened.number, "exclusive").ok && isSameVolume(opened, name)) return opened;
  opened[Symbol.dispose]();
  throw new CtrError(
    "conflict",
    `Cannot remove volume ${JSON.stringify(name)}: a container that uses it is being made`,
    {
      hint: "Try again when that container is there, and remove it first",
    },
  );
}

/** Opens a volume's directory, for its lock; undefined where it has been removed. */
export function maybeOpenVolume(name: string): Fd | undefined {
  const flags = O.O_RDONLY | O.O_DIRECTORY;
  const opened = openPath(volumeDirectory(name), { flags });
  if (!opened.ok && opened.errno === ERRNO.ENOENT) return undefined;
  return unwrap(opened, `open volume ${name}`);
}

/** Whether the directory that is open is still the volume of that name. */
export function isSameVolume(opened: Fd, name: string): boolean {
  const own = unwrap(readStatus(opened.number), `look at volume ${name}`);
  const there = readPathStatus(volumeDirectory(name));
  return there.ok && there.value.ino === own.ino;
}
