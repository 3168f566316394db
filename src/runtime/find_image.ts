/** Finds an image in the store, by name or id, and reads what a container needs of it. */

import { readPathStatus } from "../../ffi/file.ts";
import { CtrError } from "../errors.ts";
import {
  type Descriptor,
  type ImageConfig,
  imageError,
  readImageConfig,
  readManifest,
} from "../image/manifest.ts";
import { familiarText, fullName, parseReference } from "../image/reference.ts";
import { ImageStore, type NamedImage } from "../image/store.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import { didYouMean } from "../spec/nearest.ts";
import { stateRoot } from "./state_root.ts";

/** An image, with its documents read. */
export interface FoundImage {
  /** Of its configuration: `sha256:` and 64 digits. */
  readonly id: string;
  readonly manifest: Descriptor;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly Layer[];
}

/** A layer of an image. */
export interface Layer {
  readonly blob: Descriptor;
  /** The digest of what it unpacks from. */
  readonly diffId: string;
}

/** A layer that is worked on. */
export interface LayerRequest {
  /** Of the blob, compressed or not. */
  readonly digest: string;
  /** What the digest of its content must be; absent where that is only to be found out. */
  readonly diffId?: string;
}

/** The store of the state root. */
export function imageStore(): ImageStore {
  return new ImageStore(stateRoot());
}

/** Digits of a diff-id that name a layer's directory: mount(2) takes a page with all of them. */
const SHORT = 16;
const PREFIX = "sha256:";

/** The name of a layer's directory. */
export function layerName(diffId: string): string {
  return diffId.slice(PREFIX.length, PREFIX.length + SHORT);
}

/** Reads the documents of an image. @throws {CtrError} where one is missing or damaged */
export function readImage(store: ImageStore, descriptor: Descriptor): FoundImage {
  const manifest = readManifest(store.readDocument(descriptor.digest), `manifest ${descriptor.digest}`);
  const id = manifest.config.digest;
  const config = readImageConfig(store.readDocument(id), `image ${id}`);
  if (config.diffIds.length !== manifest.layers.length) {
    throw imageError(
      `image ${id}`,
      `it has ${manifest.layers.length} layers and ${config.diffIds.length} diff_ids`,
    );
  }
  const layers = manifest.layers.map((blob, index) => ({ blob, diffId: config.diffIds[index]! }));
  return { id, manifest: descriptor, config, layers };
}

/** Letters of an id, with or without what says that it is one; 64 of them are never a name. */
const ID = /^(?:sha256:)?([0-9a-f]{1,64})$/;

/**
 * Finds an image; undefined where there is none. A name goes before an id that begins so.
 *
 * @throws {CtrError} code "usage" for what can't be a name, or where several ids begin so
 */
export function maybeFindImage(store: ImageStore, typed: string): FoundImage | undefined {
  const images = store.list();
  const digits = ID.exec(typed)?.[1];
  if (digits === undefined || !typed.startsWith(PREFIX) && digits.length < 64) {
    const named = findNamed(images, typed);
    if (named !== undefined) return readImage(store, named.manifest);
  }
  return digits === undefined ? undefined : findById(store, images, { typed, digits });
}

function findNamed(images: readonly NamedImage[], typed: string): NamedImage | undefined {
  const reference = parseReference(typed);
  if (reference.digest === undefined) return images.find(({ name }) => name === fullName(reference));
  const { registry, repository } = reference;
  // The digest says which one it is; a tag beside it is for people.
  return images.find(({ name, manifest, taggedDigest }) =>
    [manifest.digest, taggedDigest].includes(reference.digest) && isOf(name, `${registry}/${repository}`)
  );
}

/** Whether a full name is one of a repository. */
export function isOf(name: string | undefined, repository: string): boolean {
  return name !== undefined && name.startsWith(repository) && /^[:@]/.test(name.slice(repository.length));
}

function findById(
  store: ImageStore,
  images: readonly NamedImage[],
  { typed, digits }: { readonly typed: string; readonly digits: string },
): FoundImage | undefined {
  const found = new Map<string, FoundImage>();
  for (const { manifest } of images) {
    const image = readImage(store, manifest);
    if (image.id.startsWith(`${PREFIX}${digits}`)) found.set(image.id, image);
  }
  if (found.size > 1) {
    throw new CtrError("usage", `Cannot find image ${JSON.stringify(typed)}: ${found.size} ids begin so`, {
      hint: "Write more of the id, or a name",
    });
  }
  return found.values().next().value;
}

/** Names that can be typed, as short as they may be. */
export function knownNames(store: ImageStore): readonly string[] {
  const names = store.list().flatMap(({ name }) =>
    name === undefined ? [] : [familiarText(name).replace(/:latest$/, "")]
  );
  return ["host", ...names];
}

/** The error for an image that is not there. */
export function noImage(store: ImageStore, typed: string): CtrError {
  return new CtrError("not_found", `Cannot find image ${JSON.stringify(typed)}: it is not in the store`, {
    hint: didYouMean(typed, knownNames(store), `Get it with "myctr pull ${typed}"`),
  });
}

/** Where the files of a layer are, once it is unpacked. */
export function layerPath(store: ImageStore, diffId: string): string {
  return `${store.layersDirectory}/${layerName(diffId)}`;
}

/** Whether a layer is unpacked. */
export function isLayerUnpacked(store: ImageStore, diffId: string): boolean {
  return readPathStatus(layerPath(store, diffId)).ok;
}

/** Whether all layers are unpacked. */
export function isUnpacked(store: ImageStore, { layers }: FoundImage): boolean {
  return layers.every(({ diffId }) => isLayerUnpacked(store, diffId));
}

/** What the specification of a container needs. */
export function imageDefaults(store: ImageStore, { id, config, layers }: FoundImage): ImageDefaults {
  if (layers.length === 0) throw imageError(`image ${id}`, "it has no layers");
  return {
    ...config,
    id,
    layersDirectory: store.layersDirectory,
    // Overlay takes the same directory once.
    layers: [...new Set(layers.map(({ diffId }) => layerName(diffId)).reverse())],
  };
}
