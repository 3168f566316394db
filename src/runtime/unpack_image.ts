/**
 * Unpacks the layers that an image needs and the machine does not have unpacked yet: each into a directory of its own,
 * that appears when it is whole. As an ordinary user by a myctr that is root over the ids of /etc/subuid.
 */

import { awaitLock } from "../../ffi/descriptor.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { decompress } from "../image/decompress.ts";
import { imageError } from "../image/manifest.ts";
import { type Bytes, type ImageStore, startDigest } from "../image/store.ts";
import { type Unpacked, unpackLayer } from "../image/unpack_layer.ts";
import { imageStore, isLayerUnpacked, layerPath, type LayerRequest } from "./find_image.ts";
import { asRoot, type OwnersOption } from "./layers_as_root.ts";
import { discardOfAnyOwner } from "./gone_layers.ts";
import { note } from "./note.ts";
import { emptyTrash, tryEmpty } from "./trash.ts";

/** A layer that is there, as the file beside it says. */
export interface LayerFacts extends Unpacked {
  readonly diffId: string;
}

/** Unpacks what is missing; gives what is known of each. @throws {CtrError} for a layer that can't be unpacked */
export async function unpackLayers(requests: readonly LayerRequest[]): Promise<readonly LayerFacts[]> {
  const facts = await asRoot({ do: "unpack", requests }, unpackHere);
  tellSkipped(facts);
  return facts;
}

function tellSkipped(facts: readonly LayerFacts[]): void {
  const devices = facts.reduce((sum, { skippedDevices }) => sum + skippedDevices, 0);
  if (devices > 0) note(`${devices} device files were left out: only root can make them`);
}

/** Reads what is known of a layer; undefined where it is not unpacked. */
export function maybeLayerFacts(store: ImageStore, diffId: string): LayerFacts | undefined {
  if (!isLayerUnpacked(store, diffId)) return undefined;
  const facts = JSON.parse(Deno.readTextFileSync(`${layerPath(store, diffId)}.json`)) as LayerFacts;
  if (facts.diffId === diffId) return facts;
  throw new CtrError("conflict", `Cannot use layer ${diffId}: another one has its directory`, {
    hint: `Remove the image that needs ${facts.diffId}`,
  });
}

/** Bytes of the files of a layer, by the name of its directory; 0 where nothing tells. */
export function layerBytes(store: ImageStore, name: string): number {
  try {
    return (JSON.parse(Deno.readTextFileSync(`${store.layersDirectory}/${name}.json`)) as LayerFacts).bytes;
  } catch {
    return 0;
  }
}

/** Unpacks with the rights that this process has. */
export async function unpackHere(
  requests: readonly LayerRequest[],
  options: OwnersOption,
): Promise<readonly LayerFacts[]> {
  const facts: LayerFacts[] = [];
  for (const request of requests) facts.push(await unpackOne(imageStore(), request, options));
  return facts;
}

async function unpackOne(
  store: ImageStore,
  { digest, diffId }: LayerRequest,
  options: { readonly isAllRoots: boolean },
): Promise<LayerFacts> {
  const known = diffId === undefined ? undefined : maybeLayerFacts(store, diffId);
  if (known !== undefined) return known;
  // Two commands that need one layer: the second waits for the first, and finds it.
  using lock = unwrap(openPath(store.blobPath(digest), { flags: O.O_RDONLY }), "open a layer");
  awaitLock(lock.number, "exclusive");
  const made = diffId === undefined ? undefined : maybeLayerFacts(store, diffId);
  if (made !== undefined) return made;
  const making = `${store.layersDirectory}/.new-${digest.slice(-16)}`;
  tryEmpty(making);
  Deno.mkdirSync(making);
  Deno.chmodSync(making, 0o755);
  try {
    return await unpackInto(store, making, { digest, ...(diffId !== undefined && { diffId }), ...options });
  } finally {
    tryEmpty(making);
  }
}

async function unpackInto(
  store: ImageStore,
  making: string,
  { digest, diffId, isAllRoots }: LayerRequest & { readonly isAllRoots: boolean },
): Promise<LayerFacts> {
  const digester = await startDigest();
  const stream = tapped(decompress(store.readBlob(digest)), (chunk) => digester.update(chunk));
  const unpacked = await unpackLayer(making, stream, { isAllRoots });
  // What stands behind the end of the archive belongs to the digest too.
  while (!(await stream.next()).done);
  const found = digester.finish();
  if (diffId !== undefined && found !== diffId) {
    throw imageError(`layer ${digest}`, `its content has the digest ${found}, not ${diffId}`);
  }
  const facts = { diffId: found, ...unpacked };
  const path = layerPath(store, found);
  const known = maybeLayerFacts(store, found);
  if (known !== undefined) return known;
  Deno.writeTextFileSync(`${path}.json`, JSON.stringify(facts), { mode: 0o600 });
  Deno.renameSync(making, path);
  return facts;
}

async function* tapped(
  stream: Bytes,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of stream) {
    see(chunk);
    yield chunk;
  }
}

/** Removes a layer's directory; what other ids own in it is removed by the next sweep. */
export function discardLayer(store: ImageStore, name: string): void {
  discardOfAnyOwner(`${store.layersDirectory}/${name}`);
  try {
    Deno.removeSync(`${store.layersDirectory}/${name}.json`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  emptyTrash();
}
