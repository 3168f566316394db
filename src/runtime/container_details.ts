/** What of a container is read only where it is asked for: specification, size, and the zone that its times are told in. */

import type { Zone } from "../../ffi/local_time.ts";
import { ANNOTATION, type RootKind, type Spec } from "../spec/types.ts";
import { containerDirectory, readSpec } from "./container_state.ts";
import { localZone } from "./local_zone.ts";

/** Answers each question by the disk, once. */
export interface ContainerDetails {
  /** Undefined where the container has just been removed. */
  readonly spec: () => Spec | undefined;
  readonly size: () => ContainerSize;
  readonly zoneAt: (ms: number) => Zone;
}

/** How much room a container takes, in bytes of its files. */
export interface ContainerSize {
  /** What it has written over its root; what it writes into a directory that is its root belongs to that. */
  readonly ownBytes: number;
  /** All that it sees as its root; undefined for the image `host`, which is the machine's. */
  readonly rootBytes?: number;
  /** How many directories could not be looked into: those of other users inside. */
  readonly hiddenCount: number;
}

/** Gives what answers. */
export function readDetails(id: string): ContainerDetails {
  const spec = once(() => maybeReadSpec(id));
  return { spec, size: once(() => measure(id, spec())), zoneAt: localZone };
}

function once<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: read() }).value;
}

function maybeReadSpec(id: string): Spec | undefined {
  try {
    return readSpec(id);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function measure(id: string, spec: Spec | undefined): ContainerSize {
  const kind = spec?.annotations[ANNOTATION.root] as RootKind | undefined;
  const sum: Sum = { bytes: 0, hiddenCount: 0, seen: new Set() };
  if (kind === "overlay") addTree(`${containerDirectory(id)}/layers/upper`, sum);
  const ownBytes = sum.bytes;
  if (spec === undefined || kind === "host") return { ownBytes, hiddenCount: sum.hiddenCount };
  const layers = spec.annotations[ANNOTATION.layers]?.split(":").map((name) => `${spec.root.path}/${name}`);
  for (const directory of layers ?? [spec.root.path]) addTree(directory, sum);
  return { ownBytes, rootBytes: sum.bytes, hiddenCount: sum.hiddenCount };
}

/** Adds up the files below a directory, in bytes, as far as they can be looked at. */
export function measureTree(top: string): number {
  const sum: Sum = { bytes: 0, hiddenCount: 0, seen: new Set() };
  addTree(top, sum);
  return sum.bytes;
}

interface Sum {
  bytes: number;
  hiddenCount: number;
  /** Files with several names, by device and number: each counts once. */
  readonly seen: Set<string>;
}

/** Adds up the files of a directory; what is mounted below it is not its own. */
function addTree(top: string, sum: Sum): void {
  const device = maybeStatus(top)?.dev;
  const directories = [top];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const name of namesIn(directory, sum)) {
      const path = `${directory}/${name}`;
      const status = maybeStatus(path);
      if (status === undefined || status.dev !== device) continue;
      if (status.isDirectory) directories.push(path);
      else if (isFirst(status, sum)) sum.bytes += status.size;
    }
  }
}

function isFirst({ dev, ino, nlink }: Deno.FileInfo, { seen }: Sum): boolean {
  if ((nlink ?? 1) === 1) return true;
  const key = `${dev}:${ino}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function maybeStatus(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    // It has just been removed, or lies in a directory that is not ours: that one is counted as hidden.
    return undefined;
  }
}

function namesIn(directory: string, sum: Sum): string[] {
  try {
    return Array.from(Deno.readDirSync(directory), ({ name }) => name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) sum.hiddenCount++;
    return [];
  }
}
