/** Fetches the blobs of an image, some at a time, in the order in which they are unpacked. */

import type { Descriptor } from "../manifest.ts";
import { PartialBlob } from "../partial_blob.ts";
import type { ImageStore } from "../store.ts";
import { fetchBlob } from "./blob.ts";
import type { RegistryClient } from "./client.ts";

/** As many as docker does. */
const AT_ONCE = 3;

/** Told of each blob. */
export interface BlobWatcher {
  readonly onBytes: (blob: Descriptor, count: number) => void;
  /** It is in the store; whether it was so before. */
  readonly onThere: (blob: Descriptor) => void;
  /** Whether no more are wanted. */
  readonly isOver: () => boolean;
}

/** Fetches one blob into the store. @throws {CtrError} */
export async function fetchIntoStore(
  client: RegistryClient,
  store: ImageStore,
  { repository, blob, watcher }: {
    readonly repository: string;
    readonly blob: Descriptor;
    readonly watcher: BlobWatcher;
  },
): Promise<void> {
  using partial = await PartialBlob.open(store, blob);
  if (partial !== undefined) {
    await complete(client, partial, {
      repository,
      blob,
      onBytes: (count) => watcher.onBytes(blob, count),
    });
  }
  watcher.onThere(blob);
}

async function complete(
  client: RegistryClient,
  partial: PartialBlob,
  request: Parameters<typeof fetchBlob>[2],
): Promise<void> {
  try {
    await fetchBlob(client, partial, request);
    partial.finish();
  } catch (error) {
    // What is wrong must not be what the next one goes on with; what is only cut may be.
    if (partial.isWhole || isWrong(error)) partial.discard();
    throw error;
  }
}

function isWrong(error: unknown): boolean {
  return (error as { code?: unknown }).code === "usage";
}

/** Fetches several, each once. @throws {CtrError} the first failure, when the others that had begun have ended */
export async function fetchLayers(
  client: RegistryClient,
  store: ImageStore,
  { repository, blobs, watcher }: {
    readonly repository: string;
    readonly blobs: readonly Descriptor[];
    readonly watcher: BlobWatcher;
  },
): Promise<void> {
  const waiting = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  let failure: { readonly error: unknown } | undefined;
  const work = async () => {
    for (
      let blob = waiting.shift();
      blob !== undefined && failure === undefined && !watcher.isOver();
      blob = waiting.shift()
    ) {
      try {
        await fetchIntoStore(client, store, { repository, blob, watcher });
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failure !== undefined) throw failure.error;
}
