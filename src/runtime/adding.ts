/** How images come into the store: nobody removes what has no name yet, and nothing stays of what came to nothing. */

import type { ImageStore } from "../image/store.ts";
import { imageStore } from "./find_image.ts";
import { trySweepImages } from "./sweep_images.ts";

/** Adds to the store, which nobody sweeps meanwhile; then it is swept of what came to nothing. */
export async function adding<T>(work: (store: ImageStore) => Promise<T>): Promise<T> {
  const store = imageStore();
  try {
    using _held = store.hold("shared");
    return await work(store);
  } finally {
    trySweepImages(store);
  }
}
