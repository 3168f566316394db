/** What is known of an image: its documents as they stand there, and what is known here besides. */

import { CtrError } from "../errors.ts";
import { type HistoryEntry, type ImageConfig, parseObject, readHistory } from "../image/manifest.ts";
import { familiarName, parseReference } from "../image/reference.ts";
import { type FoundImage, imageStore, maybeFindImage, noImage } from "./find_image.ts";
import { maybeLayerFacts } from "./unpack_image.ts";

/** All of an image. */
export interface ImageFacts {
  readonly id: string;
  /** Of its manifest. */
  readonly digest: string;
  readonly mediaType: string;
  /** As docker shows them: `alpine:3.20`. */
  readonly tags: readonly string[];
  /** `alpine@sha256:…` */
  readonly digests: readonly string[];
  readonly config: ImageConfig;
  /** The configuration as it stands there. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Bytes of the files of all layers. */
  readonly size: number;
}

/** Reads an image. @throws {CtrError} code "not_found" */
export function inspectImage(typed: string): ImageFacts {
  const found = maybeInspectImage(typed);
  if (found !== undefined) return found;
  throw noImage(imageStore(), typed);
}

/** The same; undefined where there is none of that name. */
export function maybeInspectImage(typed: string): ImageFacts | undefined {
  const store = imageStore();
  const image = maybeFindImage(store, typed);
  if (image === undefined) return undefined;
  const named = store.list().filter(({ manifest }) => manifest.digest === image.manifest.digest);
  const tags = new Set<string>();
  const digests = new Set<string>();
  for (const { name, taggedDigest = image.manifest.digest } of named) {
    if (name === undefined) continue;
    const reference = parseReference(name);
    const { name: familiar, tag } = familiarName(reference);
    if (reference.tag !== undefined) tags.add(`${familiar}:${tag}`);
    digests.add(`${familiar}@${reference.digest ?? taggedDigest}`);
  }
  return {
    id: image.id,
    digest: image.manifest.digest,
    mediaType: image.manifest.mediaType,
    tags: [...tags],
    digests: [...digests],
    config: image.config,
    document: parseObject(store.readDocument(image.id), `image ${image.id}`),
    size: layerSizes(image).reduce((sum, size) => sum + size, 0),
  };
}

/** Bytes of the files of each layer, the lowest first; of its blob where it is not unpacked. */
function layerSizes({ layers }: FoundImage): readonly number[] {
  const store = imageStore();
  return layers.map(({ diffId, blob }) => maybeLayerFacts(store, diffId)?.bytes ?? blob.size);
}

/** A step by which an image was made. */
export interface HistoryStep extends HistoryEntry {
  /** Absent but for the last one: those between are no images here. */
  readonly id?: string;
  /** Bytes of the files of its layer; 0 without one. */
  readonly size: number;
}

/** Tells how an image was made, the last step first. @throws {CtrError} code "not_found" */
export function imageHistory(typed: string): readonly HistoryStep[] {
  const store = imageStore();
  const image = maybeFindImage(store, typed);
  if (image === undefined) throw noImage(store, typed);
  const sizes = [...layerSizes(image)];
  const steps = readHistory(store.readDocument(image.id), `image ${image.id}`);
  if (steps.filter(({ isEmpty }) => !isEmpty).length > sizes.length) {
    throw new CtrError("bad_state", `Cannot tell the history of ${typed}: it has more steps than layers`, {
      hint: "It was made wrongly; its layers are in myctr inspect",
    });
  }
  return steps.map((step) => ({ ...step, size: step.isEmpty ? 0 : sizes.shift()! })).reverse()
    .map((step, index) => index === 0 ? { ...step, id: image.id } : step);
}
