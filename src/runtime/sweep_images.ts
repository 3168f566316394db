/** Removes from the store what no image and no container needs: what is left when an image goes, or a command was killed. */

import { tryLock, unlock } from "../../ffi/descriptor.ts";
import { CtrError } from "../errors.ts";
import { PARTIAL } from "../image/partial_blob.ts";
import type { ImageStore } from "../image/store.ts";
import { ANNOTATION } from "../spec/types.ts";
import { cachedLayers } from "./build_cache.ts";
import { readSpec } from "./container_state.ts";
import { containerIds, makeStateRoot } from "./container_store.ts";
import { layerName, readImage } from "./find_image.ts";
import { sweepUploads } from "./registry_server/sweep_uploads.ts";
import { tryEmpty } from "./trash.ts";
import { discardLayer, layerBytes } from "./unpack_image.ts";

/** Reads what a container keeps of its image; nothing where it has just been removed. */
export function imageAnnotations(id: string): Readonly<Record<string, string>> {
  try {
    return readSpec(id).annotations;
  } catch {
    return {};
  }
}

/** Sweeps where nobody adds an image at this time; else whoever does so sweeps in the end. */
export function trySweepImages(store: ImageStore): void {
  using held = store.openHold();
  if (!tryLock(held.number, "exclusive").ok) return;
  sweepImages(store);
  unlock(held.number);
}

/** What a sweep removed. */
export interface Swept {
  /** Names of directories. */
  readonly layers: ReadonlySet<string>;
  /** Bytes of blobs, and of the files of layers. */
  readonly bytes: number;
}

/** Sweeps, for one who has the store alone. */
export function sweepImages(store: ImageStore): Swept {
  const needed = maybeNeeded(store);
  // With an image that can't be read nobody knows what belongs to it.
  if (needed === undefined) return { layers: new Set(), bytes: 0 };
  let bytes = 0;
  for (const { name } of entries(`${store.root}/blobs/sha256`)) {
    if (needed.digests.has(`sha256:${name}`)) continue;
    const path = store.blobPath(`sha256:${name}`);
    bytes += Deno.statSync(path).size;
    Deno.removeSync(path);
  }
  for (const { name, isFile } of entries(`${store.root}/blobs`)) {
    const path = `${store.root}/blobs/${name}`;
    if (isFile && !(name.startsWith(PARTIAL) && isYoung(path))) Deno.removeSync(path);
  }
  sweepUploads(store);
  const swept = sweepLayers(store, needed.layers);
  return { layers: swept.layers, bytes: bytes + swept.bytes };
}

/** Milliseconds for which a pull that was broken off can go on. */
const KEPT_MS = 24 * 60 * 60 * 1000;

function isYoung(path: string): boolean {
  return Date.now() - (Deno.statSync(path).mtime?.getTime() ?? 0) < KEPT_MS;
}

function sweepLayers(store: ImageStore, needed: ReadonlySet<string>): Swept {
  // Where no container was made yet, there is no trash to move them to.
  makeStateRoot();
  const layers = new Set<string>();
  let bytes = 0;
  for (const { name } of entries(store.layersDirectory)) {
    const layer = name.replace(/\.json$/, "");
    if (needed.has(layer)) continue;
    if (name.startsWith(".")) tryEmpty(`${store.layersDirectory}/${name}`);
    else if (!layers.has(layer)) {
      bytes += layerBytes(store, layer);
      discardLayer(store, layer);
    }
    layers.add(layer);
  }
  return { layers, bytes };
}

interface Needed {
  readonly digests: ReadonlySet<string>;
  /** Names of directories. */
  readonly layers: ReadonlySet<string>;
}

function maybeNeeded(store: ImageStore): Needed | undefined {
  const digests = new Set<string>();
  const layers = new Set<string>();
  try {
    for (const { manifest } of store.list()) {
      const image = readImage(store, manifest);
      for (const digest of [image.id, manifest.digest]) digests.add(digest);
      for (const { blob, diffId } of image.layers) {
        digests.add(blob.digest);
        layers.add(layerName(diffId));
      }
    }
  } catch (error) {
    if (error instanceof CtrError) return undefined;
    throw error;
  }
  for (const { blob, diffId } of cachedLayers()) {
    digests.add(blob.digest);
    layers.add(layerName(diffId));
  }
  for (const id of containerIds()) {
    for (const name of imageAnnotations(id)[ANNOTATION.layers]?.split(":") ?? []) layers.add(name);
  }
  return { digests, layers };
}

function entries(directory: string): readonly Deno.DirEntry[] {
  return Array.from(Deno.readDirSync(directory));
}
