/** What steps of builds have left, by all that they were made of: `build/cache` of the state root, a file for each. */

import type { ImageStore } from "../image/store.ts";
import { isLayerUnpacked, type Layer } from "./find_image.ts";
import { stateRoot } from "./state_root.ts";
import { writeWhole } from "./container_state.ts";

function directory(): string {
  return `${stateRoot()}/build/cache`;
}

/** What a step has left: nothing, where there was nothing to do. */
export interface Cached {
  readonly layer?: Layer;
  /** When it was done, as RFC 3339 writes it. */
  readonly created: string;
}

/** Finds what a step left; undefined where it is not known, or not whole any more. `key`: 64 digits. */
export function maybeCached(store: ImageStore, key: string): Cached | undefined {
  const cached = maybeRead(`${directory()}/${key}`);
  if (cached?.layer === undefined) return cached;
  const { blob, diffId } = cached.layer;
  return store.hasBlob(blob.digest) && isLayerUnpacked(store, diffId) ? cached : undefined;
}

/** Keeps what a step left. */
export function keepCached(key: string, cached: Cached): void {
  Deno.mkdirSync(directory(), { recursive: true, mode: 0o700 });
  writeWhole(`${directory()}/${key}`, cached);
}

/** Lists all that is kept: a sweep leaves it alone. */
export function cachedLayers(): readonly Layer[] {
  return names().flatMap((name) => maybeRead(`${directory()}/${name}`)?.layer ?? []);
}

/** Forgets all of it; gives how many there were. The next sweep removes what nothing else needs. */
export function forgetCachedLayers(): number {
  const found = names();
  for (const name of found) Deno.removeSync(`${directory()}/${name}`);
  return found.length;
}

function names(): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(directory()), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** A file that is damaged is as good as none. */
function maybeRead(path: string): Cached | undefined {
  try {
    const { layer, created } = JSON.parse(Deno.readTextFileSync(path)) as Cached;
    if (typeof created !== "string") return undefined;
    if (layer === undefined) return { created };
    const { blob, diffId } = layer;
    const isLayer = typeof blob.digest === "string" && typeof diffId === "string";
    return isLayer ? { layer: { blob, diffId }, created } : undefined;
  } catch {
    return undefined;
  }
}
