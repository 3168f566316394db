/** Whether the files of unpacked layers are still those of their blobs. */

import { compareLayer } from "../image/compare_layer.ts";
import { decompress } from "../image/decompress.ts";
import { imageStore, layerName, type LayerRequest } from "./find_image.ts";
import { asRoot } from "./layers_as_root.ts";
import { maybeLayerFacts } from "./unpack_image.ts";

/** Gives for each layer what is wrong with it; null where nothing is. All must be unpacked, and their blobs sound. */
export async function compareLayers(requests: readonly LayerRequest[]): Promise<readonly (string | null)[]> {
  return await asRoot(
    (isAllRoots) => compareHere(requests, { isAllRoots }),
    (isAllRoots) => ({ do: "compare", requests, isAllRoots }),
  );
}

/** The same with the rights that this process has. */
export async function compareHere(
  requests: readonly LayerRequest[],
  { isAllRoots }: { readonly isAllRoots: boolean },
): Promise<readonly (string | null)[]> {
  const store = imageStore();
  const told: (string | null)[] = [];
  for (const { digest, diffId = "" } of requests) {
    const directory = `${store.layersDirectory}/${layerName(diffId)}`;
    const hasNoDevices = (maybeLayerFacts(store, diffId)?.skippedDevices ?? 0) > 0;
    const archive = decompress(store.readBlob(digest));
    told.push(await compareLayer(directory, archive, { isAllRoots, hasNoDevices }) ?? null);
  }
  return told;
}
