/** `myctr system df`: how much room is taken, and what of it could be given back. */

import { readPathStatus } from "../../ffi/file.ts";
import { ANNOTATION } from "../spec/types.ts";
import { containerDirectory } from "./container_state.ts";
import { measureTree } from "./container_details.ts";
import { type ContainerSummary, listContainers } from "./containers.ts";
import { containerIds } from "./container_store.ts";
import { type FoundImage, imageStore, layerName, readImage } from "./find_image.ts";
import { type ImageSummary, listImages } from "./images.ts";
import type { ImageStore } from "../image/store.ts";
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

/** An image, with what others share of it. */
export interface ImageUse extends ImageSummary {
  /** Bytes of the files of those layers that other images have too. */
  readonly sharedSize: number;
  /** How many are made from it. */
  readonly containers: number;
}

/** A volume, with who uses it. */
export interface VolumeDiskUse {
  readonly name: string;
  /** How many containers have it. */
  readonly links: number;
  readonly size: number;
}

/** Each thing that takes room. */
export interface DiskDetails {
  readonly images: readonly ImageUse[];
  readonly containers: readonly ContainerSummary[];
  readonly volumes: readonly VolumeDiskUse[];
}

/** Measures each thing; what can't be read is left out. */
export function measureEach(): DiskDetails {
  return {
    images: measureEachImage(),
    containers: listContainers({ all: true, onUnreadable: () => {} }),
    volumes: measureEachVolume(),
  };
}

function measureEachVolume(): readonly VolumeDiskUse[] {
  const users = volumeUsers();
  return listVolumes(() => {}).map(({ name }) => ({
    name,
    links: users.get(name)?.length ?? 0,
    size: volumeSize(name),
  }));
}

function measureEachImage(): readonly ImageUse[] {
  const store = imageStore();
  const found = readImages(store);
  const layersOf = (digest: string) => found.get(digest)!.layers.map(({ diffId }) => diffId);
  const counts = new Map<string, number>();
  for (const digest of found.keys()) {
    for (const diffId of new Set(layersOf(digest))) counts.set(diffId, (counts.get(diffId) ?? 0) + 1);
  }
  const used = containerIds().map((id) => imageAnnotations(id)[ANNOTATION.image]);
  return listImages(() => {}).map((image) => ({
    ...image,
    sharedSize: layersOf(image.digest).filter((diffId) => counts.get(diffId)! > 1)
      .reduce((sum, diffId) => sum + layerBytes(store, layerName(diffId)), 0),
    containers: used.filter((id) => id === image.id).length,
  }));
}

/** Measures all kinds, as far as they can be looked at. */
export function measureUse(): readonly DiskUse[] {
  return [measureImages(), measureContainers(), measureVolumes()];
}

/** Each image once, by the digest of its manifest. */
function readImages(store: ImageStore): ReadonlyMap<string, FoundImage> {
  const images = new Map<string, FoundImage>();
  for (const { manifest } of store.list()) {
    try {
      images.set(manifest.digest, readImage(store, manifest));
    } catch {
      // What is damaged is told of by "system check".
    }
  }
  return images;
}

/** Blobs and unpacked layers, each once, whoever shares them. */
function measureImages(): DiskUse {
  const store = imageStore();
  const containers = listContainers({ all: true, onUnreadable: () => {} });
  const used = new Set(containers.map(({ id }) => imageAnnotations(id)[ANNOTATION.image]));
  const all = [...readImages(store).values()];
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
  return sumUp(
    "Local Volumes",
    measureEachVolume().map(({ links, size }) => ({ isActive: links > 0, size })),
  );
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
