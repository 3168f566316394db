/** An image that has been pushed: its blobs and its manifest get into the store, and it gets its name. */

import { CtrError } from "../../errors.ts";
import {
  type Descriptor,
  isIndex,
  type Manifest,
  MEDIA,
  readManifest,
  refuseOthers,
} from "../../image/manifest.ts";
import { type ImageStore, MAX_DOCUMENT, startDigest } from "../../image/store.ts";
import { adding } from "../adding.ts";
import { readImage } from "../find_image.ts";
import { Refusal } from "./refusal.ts";
import type { Repository, Tagged } from "./route.ts";
import type { UploadArea } from "./uploads.ts";

/** A manifest as it has come. */
export interface PushedManifest {
  readonly repository: Repository;
  readonly tagged: Tagged;
  /** As the request says; "" where it does not. */
  readonly mediaType: string;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Takes an image in; gives its digest. @throws {Refusal} for one that can't be used; nothing is left of it then */
export async function takeManifest(
  store: ImageStore,
  area: UploadArea,
  { repository, tagged, mediaType, body }: PushedManifest,
): Promise<string> {
  const bytes = await readBounded(body);
  const digester = await startDigest();
  digester.update(bytes);
  const digest = digester.finish();
  if ("digest" in tagged && tagged.digest !== digest) {
    throw new Refusal(400, "DIGEST_INVALID", `what came has the digest ${digest}`);
  }
  const manifest = parse(bytes, mediaType);
  refuseMissing(store, area, manifest);
  const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.length };
  const name = "tag" in tagged ? `${repository.full}:${tagged.tag}` : `${repository.full}@${digest}`;
  await keep({ store, area }, { name, manifest, descriptor, bytes });
  return digest;
}

async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MAX_DOCUMENT) {
      throw new Refusal(413, "SIZE_INVALID", `a manifest may have ${MAX_DOCUMENT} bytes`);
    }
  }
  const bytes = new Uint8Array(length);
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

const TYPES: ReadonlySet<string> = new Set([MEDIA.manifest, MEDIA.dockerManifest]);

function parse(bytes: Uint8Array<ArrayBuffer>, told: string): Manifest {
  const text = decode(bytes);
  if (isIndex(told) || isIndex(mediaTypeIn(text))) {
    throw new Refusal(
      400,
      "UNSUPPORTED",
      "lists of images for several machines are not kept here: push the image of one",
    );
  }
  const manifest = refusing(() => readManifest(text, "the manifest"));
  refusing(() => refuseOthers(manifest));
  if (!TYPES.has(manifest.mediaType) || told !== "" && told !== manifest.mediaType) {
    throw new Refusal(400, "MANIFEST_INVALID", "its media type is not that of an image");
  }
  return manifest;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "MANIFEST_INVALID", "the manifest is no UTF-8");
  }
}

function mediaTypeIn(text: string): string {
  try {
    const { mediaType, manifests } = Object(JSON.parse(text)) as Record<string, unknown>;
    return typeof mediaType === "string" ? mediaType : Array.isArray(manifests) ? MEDIA.index : "";
  } catch {
    return "";
  }
}

/** What is wrong with an image is the fault of who pushes it. */
function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    throw new Refusal(400, "MANIFEST_INVALID", error.message);
  }
}

function refuseMissing(store: ImageStore, area: UploadArea, { config, layers }: Manifest): void {
  for (const { digest, size } of [config, ...layers]) {
    const found = area.blob(digest)?.size ??
      (store.hasBlob(digest) ? Deno.statSync(store.blobPath(digest)).size : undefined);
    if (found === undefined) {
      throw new Refusal(400, "MANIFEST_BLOB_UNKNOWN", `${digest} has not been pushed`);
    }
    if (found !== size) {
      throw new Refusal(400, "MANIFEST_INVALID", `${digest} has ${found} bytes, not ${size}`);
    }
  }
}

interface Kept {
  readonly name: string;
  readonly manifest: Manifest;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Nobody sweeps the store until the image has its name; what came to nothing is swept then. */
async function keep(
  { store, area }: { readonly store: ImageStore; readonly area: UploadArea },
  { name, manifest, descriptor, bytes }: Kept,
): Promise<void> {
  const digests = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
  await adding(async () => {
    for (const digest of digests) link(store, area, digest);
    await store.writeBytes(bytes);
    refusing(() => readImage(store, descriptor));
    store.tag(name, descriptor);
  });
  area.forget(digests);
}

/** A blob may be another image's too, which is being pushed at this time: it stays where it is until then. */
function link(store: ImageStore, area: UploadArea, digest: string): void {
  const blob = area.blob(digest);
  if (blob === undefined || store.hasBlob(digest)) return;
  try {
    Deno.linkSync(blob.path, store.blobPath(digest));
  } catch (error) {
    // Somebody else has just put it there.
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
