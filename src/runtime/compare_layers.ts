/** Whether the files of unpacked layers are still those of their blobs. */

import { compareLayer } from "../image/compare_layer.ts";
import { decompress } from "../image/decompress.ts";
import { imageStore, layerPath, type LayerRequest } from "./find_image.ts";
import { asRoot, type OwnersOption } from "./layers_as_root.ts";
import { maybeLayerFacts } from "./unpack_image.ts";

/** Gives for each layer what is wrong with it; null where nothing is. All must be unpacked, and their blobs sound. */
export async function compareLayers(requests: readonly LayerRequest[]): Promise<readonly (string | null)[]> {
  return await asRoot({ do: "compare", requests }, compareHere);
}

/** The same with the rights that this process has. */
export async function compareHere(
  requests: readonly LayerRequest[],
  { isAllRoots }: OwnersOption,
): Promise<readonly (string | null)[]> {
  const store = imageStore();
  const told: (string | null)[] = [];
  for (const { digest, diffId = "" } of requests) {
    const hasNoDevices = (maybeLayerFacts(store, diffId)?.skippedDevices ?? 0) > 0;
    const archive = decompress(store.readBlob(digest));
    told.push(await compareLayer(layerPath(store, diffId), archive, { isAllRoots, hasNoDevices }) ?? null);
  }
  return told;
}
