/** `myctr image prune`: removes images that have no name, or that no container is made of. */

import { familiarText } from "../image/reference.ts";
import type { ImageStore, NamedImage } from "../image/store.ts";
import type { PruneFilter } from "../spec/prune_filter.ts";
import { ANNOTATION } from "../spec/types.ts";
import { containerIds } from "./container_store.ts";
import { type FoundImage, imageStore, layerName, readImage } from "./find_image.ts";
import type { Removed } from "./images.ts";
import { imageAnnotations, sweepImages } from "./sweep_images.ts";

/** Which images go. */
export interface PruneImagesRequest {
  /** Whether those with names go too. */
  readonly all: boolean;
  readonly filters: readonly PruneFilter[];
}

/** What was done, and the bytes that it gave back. */
export interface PrunedImages {
  readonly removed: readonly Removed[];
  readonly bytes: number;
}

/** Removes the images that no container needs and that fit all filters. */
export function pruneImages({ all, filters }: PruneImagesRequest): PrunedImages {
  const store = imageStore();
  using _held = store.hold("exclusive");
  const used = new Set(containerIds().map((id) => imageAnnotations(id)[ANNOTATION.image]));
  const gone: { readonly named: NamedImage; readonly image: FoundImage }[] = [];
  for (const named of store.list()) {
    const image = maybeRead(store, named);
    if (image === undefined || used.has(image.id) || named.name !== undefined && !all) continue;
    const { created, labels } = image.config;
    const createdMs = Date.parse(created ?? "") || 0;
    if (filters.every(({ fits }) => fits({ createdMs, labels }))) gone.push({ named, image });
  }
  const isGone = (each: NamedImage) =>
    gone.some(({ named }) => named.name === each.name && named.manifest.digest === each.manifest.digest);
  if (gone.length > 0) store.change((images) => images.filter((each) => !isGone(each)));
  const { layers, bytes } = sweepImages(store);
  return { removed: removedOf(gone, layers), bytes };
}

/** In docker's order: names, the image, its layers; a layer of several images once. */
function removedOf(
  gone: readonly { readonly named: NamedImage; readonly image: FoundImage }[],
  swept: ReadonlySet<string>,
): readonly Removed[] {
  const told = new Set<string>();
  const images = new Map(gone.map(({ image }) => [image.id, image]));
  return [...images.values()].flatMap(({ id, layers }) => {
    const names = gone.flatMap(({ named, image }) =>
      image.id === id && named.name !== undefined ? [{ untagged: familiarText(named.name) }] : []
    );
    const diffIds = layers.map(({ diffId }) => diffId)
      .filter((diffId) => swept.has(layerName(diffId)) && !told.has(diffId));
    for (const diffId of diffIds) told.add(diffId);
    return [...names, { deleted: id }, ...diffIds.map((deleted) => ({ deleted }))];
  });
}

/** What can't be read is left alone: nobody knows what it is. */
function maybeRead(store: ImageStore, { manifest }: NamedImage): FoundImage | undefined {
  try {
    return readImage(store, manifest);
  } catch {
    return undefined;
  }
}
