/** `myctr build prune`: forgets what steps of builds have left. */

import { forgetCachedLayers } from "./build_cache.ts";
import { makeStateRoot } from "./container_store.ts";
import { imageStore } from "./find_image.ts";
import { stateRoot } from "./state_root.ts";
import { sweepImages } from "./sweep_images.ts";
import { discard } from "./trash.ts";

/** What was given back. */
export interface PrunedBuild {
  /** Steps that will be done anew. */
  readonly steps: number;
  /** Bytes of what nothing else needs; caches of RUN --mount are not counted. */
  readonly bytes: number;
}

/** Removes it, and the caches of RUN --mount. Waits for builds and pulls that go on. */
export function pruneBuild(): PrunedBuild {
  const store = imageStore();
  using _held = store.hold("exclusive");
  const steps = forgetCachedLayers();
  makeStateRoot();
  // Contexts are there where a build was killed.
  for (const name of ["mounts", "contexts"]) discard(`${stateRoot()}/build/${name}`);
  return { steps, bytes: sweepImages(store).bytes };
}
