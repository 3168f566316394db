/** What a container mounts of volumes: they are made where they are missing, filled once, and become binds. */

import { awaitLock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { readPathStatus } from "../../ffi/file.ts";
import { readIdMap } from "../host/id_map.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import type { MountRequest, RunRequest, VolumesFrom } from "../spec/request.ts";
import { ANNOTATION, type RootKind } from "../spec/types.ts";
import { userBinds } from "../spec/user_mounts.ts";
import { readSpec } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { newId } from "./new_id.ts";
import { imageRoot, type MountedRoot, workOnFiles } from "./root_view.ts";
import { discard, emptyTrash } from "./trash.ts";
import {
  ensureVolume,
  isSameVolume,
  maybeOpenVolume,
  type NewVolume,
  usesOf,
  volumeData,
  volumeDirectory,
  type VolumeUse,
  volumeUsers,
} from "./volumes.ts";

/** A request without volumes, and what is to be kept of them. */
export interface ResolvedVolumes {
  readonly request: RunRequest;
  readonly uses: readonly VolumeUse[];
  /** Names of those that were made for this container, and go with it. */
  readonly own: readonly string[];
  /** Lets others remove the volumes, as far as no container uses them. */
  readonly release: () => void;
  /** Removes them, where nothing comes of the container. */
  readonly undo: () => void;
}

/** A volume as it is asked for. */
interface Wanted {
  readonly destination: string;
  /** "" for one that nobody names. */
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly isCopied: boolean;
}

/**
 * Resolves the volumes of a request. What stands on the command line goes before those of other containers, and both
 * before those that the image asks for. With `dryRun` nothing is made.
 *
 * @throws {CtrError} for what can't be made, or a container that is not there
 */
export async function resolveVolumes(
  request: RunRequest,
  image: ImageDefaults | undefined,
): Promise<ResolvedVolumes> {
  const typed = new Set(request.mounts.map(({ destination }) => destination));
  const others = otherMounts(request.volumesFrom ?? []).filter(({ mount }) => !typed.has(mount.destination));
  for (const { mount } of others) typed.add(mount.destination);
  const wanted = [
    ...request.mounts.filter(({ type }) => type === "volume").map(wantedOf),
    ...(image?.volumes ?? []).filter((path) => !typed.has(path)).map(anonymousAt),
  ];
  const own: string[] = [];
  const held = new DisposableStack();
  const release = () => held.dispose();
  const undo = () => {
    release();
    for (const name of own) discard(volumeDirectory(name));
    if (own.length > 0) emptyTrash();
  };
  try {
    const made: { readonly mount: MountRequest; readonly use: VolumeUse }[] = [];
    for (const each of wanted) made.push(await resolveOne(each, { request, image, own, held }));
    return {
      request: {
        ...request,
        mounts: [
          ...request.mounts.filter(({ type }) => type !== "volume"),
          ...others.map(({ mount }) => mount),
          ...made.map(({ mount }) => mount),
        ],
      },
      uses: [...others.flatMap(({ use }) => use ?? []), ...made.map(({ use }) => use)],
      own,
      release,
      undo,
    };
  } catch (error) {
    undo();
    throw error;
  }
}

function wantedOf({ destination, source, options }: MountRequest): Wanted {
  return {
    destination,
    name: source,
    isReadOnly: options.includes("ro"),
    isCopied: !options.includes("nocopy"),
  };
}

function anonymousAt(destination: string): Wanted {
  return { destination, name: "", isReadOnly: false, isCopied: true };
}

interface OtherMount {
  readonly mount: MountRequest;
  readonly use?: VolumeUse;
}

/** The binds and volumes of other containers, the last one of a place counting. */
function otherMounts(from: readonly VolumesFrom[]): readonly OtherMount[] {
  const found = new Map<string, OtherMount>();
  for (const { container, isReadOnly } of from) {
    const id = findContainer(container);
    const uses = usesOf(id);
    for (const { destination, source, options } of userBinds(readSpec(id))) {
      const access = isReadOnly && !options.includes("ro") ? [...options, "ro"] : options;
      const use = uses.find((each) => each.destination === destination);
      found.set(destination, {
        mount: { destination, type: "bind", source, options: access },
        ...(use !== undefined && { use }),
      });
    }
  }
  return [...found.values()];
}

interface Place {
  readonly request: RunRequest;
  readonly image: ImageDefaults | undefined;
  readonly own: string[];
  /** What keeps the volumes from being removed. */
  readonly held: DisposableStack;
}

async function resolveOne(
  { destination, name: typed, isReadOnly, isCopied }: Wanted,
  { request, image, own, held }: Place,
): Promise<{ readonly mount: MountRequest; readonly use: VolumeUse }> {
  const name = typed === "" ? newId() : typed;
  if (!request.dryRun) {
    if (typed === "") own.push(name);
    const fill = () => isCopied ? fillOnce(name, destination, maybeRoot(request, image)) : undefined;
    held.use(await keepVolume(name, { labels: {}, options: {}, isAnonymous: typed === "" }, fill));
  }
  const options = ["bind", "rprivate", ...(isReadOnly ? ["ro"] : [])];
  return {
    mount: { destination, type: "bind", source: volumeData(name), options },
    use: { name, destination },
  };
}

/** Makes a volume where it is missing, fills it, and keeps it until what it gives is disposed of. */
async function keepVolume(name: string, made: NewVolume, fill: () => Promise<void> | undefined): Promise<Fd> {
  while (true) {
    ensureVolume(name, made);
    await fill();
    const kept = maybeOpenVolume(name);
    if (kept === undefined) continue;
    awaitLock(kept.number, "shared");
    // It may have been removed, and made again, before it was held.
    if (isSameVolume(kept, name)) return kept;
    kept[Symbol.dispose]();
  }
}

/** Where the first content of a volume comes from; this machine's own directories are nobody's to copy. */
function maybeRoot({ rootfs }: RunRequest, image: ImageDefaults | undefined): MountedRoot | undefined {
  if (image !== undefined) return imageRoot(image.layersDirectory, image.layers);
  if (rootfs === undefined) return undefined;
  const kind: RootKind = "directory";
  const root = { path: Deno.realPathSync(rootfs.path), readonly: false };
  return { spec: { root, annotations: { [ANNOTATION.root]: kind } }, containerDirectory: "/" };
}

/**
 * Copies what the root has at that place into a volume that is empty, as docker does. It comes into a directory beside
 * it that takes its place when it is whole; who else is there first waits, and finds it filled. A volume that a container
 * uses stays as it is, though it be empty: what that container has mounted would be nobody's any more.
 */
async function fillOnce(name: string, path: string, root: MountedRoot | undefined): Promise<void> {
  const data = volumeData(name);
  if (root === undefined || !isEmpty(data)) return;
  const filled = `${volumeDirectory(name)}/filled`;
  using held = maybeOpenVolume(name);
  if (held === undefined) return;
  awaitLock(held.number, "exclusive");
  if (!isSameVolume(held, name)) return;
  discardHalves(name);
  if (!isEmpty(data) || readPathStatus(filled).ok || volumeUsers().has(name)) return;
  const making = `${volumeDirectory(name)}/.copy-${newId().slice(0, 16)}`;
  Deno.mkdirSync(making);
  const { kind } = readIdMap(Deno.uid() ?? 0, Deno.gid() ?? 0);
  const task = { do: "copy", path, to: making, isAllRoots: kind === "single" } as const;
  const copied = await workOnFiles<boolean>(root, task);
  if (!copied) return Deno.removeSync(making);
  Deno.renameSync(making, data);
  // The image's directory may be empty too: a second user must not take the first one's away.
  Deno.writeTextFileSync(filled, "", { mode: 0o600 });
}

/** What was killed in the middle. */
function discardHalves(name: string): void {
  const directory = volumeDirectory(name);
  for (const entry of Deno.readDirSync(directory)) {
    if (entry.name.startsWith(".copy-")) discard(`${directory}/${entry.name}`);
  }
}

function isEmpty(directory: string): boolean {
  try {
    for (const _ of Deno.readDirSync(directory)) return false;
    return true;
  } catch (error) {
    // Somebody else's files: of a mapped id.
    if (error instanceof Deno.errors.PermissionDenied) return false;
    // It has just been removed: there is nothing to fill.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
