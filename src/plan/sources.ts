/** Directories and files of the host that a container sees, and who opens them. Pure. */

import { ANNOTATION, type Mount, type RootKind, type Spec } from "../spec/types.ts";
import { USER_NAMESPACE } from "./descriptors.ts";
import { isPropagation, readMountWords } from "./mount_words.ts";
import { type Argument, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** One host path that becomes a mount in the container. */
export interface Source {
  /** What later operations call its tree. */
  readonly name: string;
  readonly path: string;
  readonly isRecursive: boolean;
  /** The number under which the monitor leaves the tree, when it is the one who opens it. */
  readonly descriptor: number;
}

/** Kinds of bind that show the machine itself: their files keep their owners, so they need no shift. */
export function isOfTheMachine({ destination, source, options }: Mount): boolean {
  if (destination === "/sys") return true;
  return source === destination && OF_THE_MACHINE.has(destination) && !options.some(isPropagation);
}

/** With --pid=host and --ipc=host; a volume of the user's at that place says how it propagates. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(["/dev/mqueue", "/dev/shm", "/proc"]);

/** What the container shares of another one's files, besides its ipc namespace. */
export const SHARED_MEMORY = { slot: "shared memory" } as const;

/** Where the /dev/shm is that belongs to the joined ipc namespace, and the mounts it is one of. */
export function maybeSharedMemory({ linux, mounts }: Spec): { readonly mounts: string } | undefined {
  const ipc = linux.namespaces.find(({ type }) => type === "ipc")?.path;
  const own = mounts.find(({ destination }) => destination === "/dev/shm");
  if (ipc === undefined || own === undefined || !isOfAnother(own)) return undefined;
  return { mounts: ipc.replace(/ipc$/, "mnt") };
}

/** Whether a mount is another container's /dev/shm; a volume of the user's says how it propagates. */
export function isOfAnother({ destination, source, options }: Mount): boolean {
  return destination === "/dev/shm" && /^\/proc\/\d+\/root\/dev\/shm$/.test(source) &&
    !options.some(isPropagation);
}

const known = new WeakMap<PlanBuilder, readonly Source[]>();

/** The sources whose files belong to the container: its root, its engine files, its volumes. */
export function ownSources(builder: PlanBuilder): readonly Source[] {
  const sources = known.get(builder) ?? findOwnSources(builder);
  known.set(builder, sources);
  return sources;
}

function findOwnSources(builder: PlanBuilder): readonly Source[] {
  const found: Omit<Source, "descriptor">[] = [];
  const kind = builder.spec.annotations[ANNOTATION.root] as RootKind;
  if (kind === "directory") found.push({ name: "root", path: builder.spec.root.path, isRecursive: true });
  if (kind === "overlay" || kind === "overlay-tmpfs") {
    found.push({ name: "lower", path: builder.spec.root.path, isRecursive: false });
  }
  if (kind === "overlay") {
    found.push({ name: "layers", path: `${builder.host.containerDirectory}/layers`, isRecursive: false });
  }
  for (const mount of builder.spec.mounts) {
    if (mount.type !== "bind" || isOfTheMachine(mount) || isOfAnother(mount)) continue;
    const { isRecursive } = readMountWords(mount.options);
    found.push({ name: `source ${mount.destination}`, path: mount.source, isRecursive });
  }
  return found.map((source, index) => ({ ...source, descriptor: USER_NAMESPACE + 1 + index }));
}

/** Those that the monitor opens, because only root outside can shift their ids. */
export function idmappedSources(builder: PlanBuilder): readonly Source[] {
  return builder.isIdmapped ? ownSources(builder) : [];
}

/** The descriptor of a source's tree, for the container's operations. */
export function treeOf(builder: PlanBuilder, name: string): Argument {
  const source = ownSources(builder).find((candidate) => candidate.name === name);
  if (source === undefined) throw new TypeError(`no source ${name}`);
  return builder.isIdmapped ? source.descriptor : slot(name);
}
