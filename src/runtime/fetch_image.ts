/** What is seldom needed before a container is made of an image: to unpack it, or to say that it is not there. */

import type { ImageStore } from "../image/store.ts";
import { type FoundImage, maybeFindImage, noImage } from "./find_image.ts";
import { unpackLayers } from "./unpack_image.ts";

/** Finds an image and unpacks what of it is not. @throws {CtrError} code "not_found" */
export async function fetchImage(store: ImageStore, typed: string): Promise<FoundImage> {
  const image = maybeFindImage(store, typed);
  if (image === undefined) throw noImage(store, typed);
  await unpackLayers(image.layers.map(({ blob, diffId }) => ({ digest: blob.digest, diffId })));
  return image;
}
