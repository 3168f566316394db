/** `myctr system df`: how much room is taken, and what of it could be given back. */

import { readPathStatus } from "../../ffi/file.ts";
import { ANNOTATION } from "../spec/types.ts";
import { containerDirectory } from "./container_state.ts";
import { measureTree } from "./container_details.ts";
import { listContainers } from "./containers.ts";
import { type FoundImage, imageStore, layerName, readImage } from "./find_image.ts";
import { imageAnnotations } from "./sweep_images.ts";
import { layerBytes } from "./unpack_image.ts";
import { listVolumes, volumeSize, volumeUsers } from "./volumes.ts";

/** One kind of thing. */
export interface DiskUse {
  /** Docker's word. */
  readonly type: string;
  readonly total: number;
  /** How many are used by something. */
  readonly active: number;
  /** Bytes. */
  readonly size: number;
  readonly reclaimable: number;
}

/** Measures all kinds, as far as they can be looked at. */
export function measureUse(): readonly DiskUse[] {
  return [measureImages(), measureContainers(), measureVolumes()];
}

/** Blobs and unpacked layers, each once, whoever shares them. */
function measureImages(): DiskUse {
  const store = imageStore();
  const containers = listContainers({ all: true, onUnreadable: () => {} });
  const used = new Set(containers.map(({ id }) => imageAnnotations(id)[ANNOTATION.image]));
  const images = new Map<string, FoundImage>();
  for (const { manifest } of store.list()) {
    try {
      images.set(manifest.digest, readImage(store, manifest));
    } catch {
      // What is damaged is told of by "system check".
    }
  }
  const all = [...images.values()];
  const sizeOf = (some: readonly FoundImage[]) => {
    const blobs = new Set(
      some.flatMap(({ manifest, id, layers }) => [
        manifest.digest,
        id,
        ...layers.map(({ blob }) => blob.digest),
      ]),
    );
    const layers = new Set(some.flatMap((image) => image.layers.map(({ diffId }) => layerName(diffId))));
    const sizes = [...blobs].map((digest) => {
      const status = readPathStatus(store.blobPath(digest));
      return status.ok ? Number(status.value.size) : 0;
    });
    return [...sizes, ...[...layers].map((name) => layerBytes(store, name))].reduce(
      (sum, size) => sum + size,
      0,
    );
  };
  const active = all.filter(({ id }) => used.has(id));
  const size = sizeOf(all);
  return {
    type: "Images",
    total: all.length,
    active: active.length,
    size,
    reclaimable: size - sizeOf(active),
  };
}

function measureContainers(): DiskUse {
  const sizes = listContainers({ all: true, onUnreadable: () => {} }).map(({ id, status }) => ({
    isActive: status === "running" || status === "paused",
    size: measureTree(containerDirectory(id)),
  }));
  return sumUp("Containers", sizes);
}

function measureVolumes(): DiskUse {
  const users = volumeUsers();
  const sizes = listVolumes(() => {}).map(({ name }) => ({
    isActive: users.has(name),
    size: volumeSize(name),
  }));
  return sumUp("Local Volumes", sizes);
}

function sumUp(type: string, all: readonly { readonly isActive: boolean; readonly size: number }[]): DiskUse {
  const sum = (some: typeof all) => some.reduce((total, { size }) => total + size, 0);
  return {
    type,
    total: all.length,
    active: all.filter(({ isActive }) => isActive).length,
    size: sum(all),
    reclaimable: sum(all.filter(({ isActive }) => !isActive)),
  };
}
