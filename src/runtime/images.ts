/** `myctr images`, `tag` and `rmi`: the images that are there, and their names. */

import { CtrError } from "../errors.ts";
import { familiarText, fullName, parseReference } from "../image/reference.ts";
import { ANNOTATION } from "../spec/types.ts";
import { containerIds } from "./container_store.ts";
import {
  type FoundImage,
  imageStore,
  isOf,
  layerName,
  maybeFindImage,
  noImage,
  readImage,
} from "./find_image.ts";
import { imageAnnotations, sweepImages } from "./sweep_images.ts";
import { maybeLayerFacts } from "./unpack_image.ts";

/** An image as `images` lists it: once for each name. */
export interface ImageSummary {
  readonly id: string;
  /** In full; absent for one without. */
  readonly name?: string;
  /** Of its manifest. */
  readonly digest: string;
  readonly createdMs: number;
  /** Bytes of the files of all layers. */
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Lists the images, the newest first. What can't be read is told of, and left out. */
export function listImages(onUnreadable: (error: CtrError) => void): readonly ImageSummary[] {
  const store = imageStore();
  return store.list().flatMap(({ name, manifest }) => {
    try {
      const { id, config, layers } = readImage(store, manifest);
      const size = layers.reduce(
        (sum, { diffId, blob }) => sum + (maybeLayerFacts(store, diffId)?.bytes ?? blob.size),
        0,
      );
      const createdMs = Date.parse(config.created ?? "") || 0;
      return [{
        id,
        digest: manifest.digest,
        createdMs,
        size,
        labels: config.labels,
        ...(name !== undefined && { name }),
      }];
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      onUnreadable(error);
      return [];
    }
  }).sort((a, b) => b.createdMs - a.createdMs);
}

/** Gives an image one more name. @throws {CtrError} code "not_found" */
export function tagImage(source: string, target: string): void {
  const store = imageStore();
  const image = maybeFindImage(store, source);
  if (image === undefined) throw noImage(store, source);
  store.tag(targetName(target), image.manifest);
}

/** Reads a name that an image is to get. @throws {CtrError} code "usage" */
export function targetName(text: string): string {
  const reference = parseReference(text);
  if (reference.digest === undefined && !/^[0-9a-f]{64}$/.test(text)) return fullName(reference);
  throw new CtrError("usage", `Cannot name an image ${JSON.stringify(text)}: that is an id or a digest`, {
    hint: "Write NAME[:TAG]",
  });
}

/** What was done to an image, in docker's words. */
export type Removed = { readonly untagged: string } | { readonly deleted: string };

/**
 * Takes a name from an image; with its last name it is removed. By its id it is removed with all its names.
 *
 * @throws {CtrError} code "not_found"; "conflict" where a container needs it, or, by id, it has several names, without `force`
 */
export function removeImage(typed: string, { force }: { readonly force: boolean }): readonly Removed[] {
  const store = imageStore();
  using _held = store.hold("exclusive");
  const image = maybeFindImage(store, typed);
  if (image === undefined) throw noImage(store, typed);
  const names = store.list().filter(({ manifest }) => manifest.digest === image.manifest.digest);
  const name = nameOf(typed, image, names.map((each) => each.name));
  const gone = name === undefined ? names.map((each) => each.name) : [name];
  if (name === undefined && !force && names.filter((each) => each.name !== undefined).length > 1) {
    throw new CtrError("conflict", `Cannot remove image ${typed}: it has ${names.length} names`, {
      hint: `Remove them one by one, or write "myctr rmi -f ${typed}"`,
    });
  }
  const isLast = gone.length === names.length;
  if (isLast) refuseUsed(typed, image, { force });
  store.change((images) =>
    images.filter((each) => each.manifest.digest !== image.manifest.digest || !gone.includes(each.name))
  );
  const untagged = gone.flatMap((each) => each === undefined ? [] : [{ untagged: familiarText(each) }]);
  if (!isLast) return untagged;
  const swept = sweepImages(store);
  const layers = new Set(
    image.layers.map(({ diffId }) => diffId).filter((diffId) => swept.layers.has(layerName(diffId))),
  );
  return [...untagged, { deleted: image.id }, ...[...layers].map((deleted) => ({ deleted }))];
}

/** The full name, of those that it has, by which an image was typed; undefined where that was its id. */
export function nameOf(
  typed: string,
  image: FoundImage,
  names: readonly (string | undefined)[],
): string | undefined {
  const digits = typed.replace(/^sha256:/, "");
  if (image.id.startsWith(`sha256:${digits}`)) return undefined;
  const reference = parseReference(typed);
  const { digest: _, ...named } = reference;
  return reference.digest === undefined
    ? fullName(reference)
    : names.find((name) => isOf(name, `${named.registry}/${named.repository}`));
}

/** A container that runs keeps its layers whatever is asked; one that does not run could not be started again. */
function refuseUsed(typed: string, { id }: FoundImage, { force }: { readonly force: boolean }): void {
  const user = containerIds().find((each) => imageAnnotations(each)[ANNOTATION.image] === id);
  if (user === undefined || force) return;
  throw new CtrError(
    "conflict",
    `Cannot remove image ${typed}: container ${user.slice(0, 12)} is made of it`,
    {
      hint: `Remove the container first: "myctr rm ${user.slice(0, 12)}"`,
    },
  );
}
