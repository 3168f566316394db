/** Fetches manifests: of an image, or of a list that has one for each machine. Source: OCI distribution-spec 1.1, "Pulling manifests". */

import { CtrError } from "../../errors.ts";
import { type Descriptor, isIndex, MEDIA, type Platform, readIndex } from "../manifest.ts";
import { choosePlatform, renderPlatform } from "../platform.ts";
import { isDigest } from "../reference.ts";
import { startDigest } from "../store.ts";
import { readBytes } from "./body.ts";
import type { RegistryClient } from "./client.ts";
import { protocolError } from "./errors.ts";

/** A manifest of one image. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of what has the tag: the manifest, or a list of which it is one. */
  readonly taggedDigest: string;
}

/** Which one. */
export interface ManifestRequest {
  readonly repository: string;
  /** A tag or a digest. */
  readonly tag: string;
  readonly platform: Platform;
  /** Follows "Cannot". */
  readonly what: string;
}

const MAX_MANIFEST = 4 * 1024 * 1024;
const ACCEPT = [MEDIA.manifest, MEDIA.index, MEDIA.dockerManifest, MEDIA.dockerList].join(", ");

/** Asks what a tag stands for; undefined where the registry does not say so in short. */
export async function fetchTaggedDigest(
  client: RegistryClient,
  { repository, tag, what }: ManifestRequest,
): Promise<string | undefined> {
  const response = await client.ask({ ...wanted(repository, tag, what), method: "HEAD" });
  await response.body?.cancel();
  const digest = response.headers.get("docker-content-digest");
  return digest !== null && isDigest(digest) ? digest : undefined;
}

/** Fetches the manifest for a platform. @throws {CtrError} where there is none, or it is not what it should be */
export async function fetchManifest(
  client: RegistryClient,
  request: ManifestRequest,
): Promise<FetchedManifest> {
  const top = await fetchOne(client, request, request.tag);
  if (!isIndex(top.descriptor.mediaType)) return top;
  const list = readIndex(new TextDecoder().decode(top.bytes), `list ${top.taggedDigest}`);
  const chosen = choosePlatform(list, request.platform);
  if (chosen === undefined) throw noPlatform(request, list);
  if (isIndex(chosen.mediaType)) throw protocolError(request.what, client.registry, "gives a list of lists");
  const one = await fetchOne(client, request, chosen.digest);
  return { ...one, taggedDigest: top.taggedDigest };
}

async function fetchOne(
  client: RegistryClient,
  { repository, what }: ManifestRequest,
  tag: string,
): Promise<FetchedManifest> {
  const response = await client.ask(wanted(repository, tag, what));
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readBytes(response, MAX_MANIFEST);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw protocolError(what, client.registry, `gives a manifest of ${error.message}`);
  }
  const digester = await startDigest();
  digester.update(bytes);
  const digest = digester.finish();
  const told = isDigest(tag) ? tag : response.headers.get("docker-content-digest") ?? digest;
  if (told !== digest) throw protocolError(what, client.registry, `gives ${digest} as ${told.slice(0, 80)}`);
  const mediaType = mediaTypeOf(response, bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, taggedDigest: digest };
}

function wanted(repository: string, tag: string, what: string): Parameters<RegistryClient["ask"]>[0] {
  return {
    path: `/v2/${repository}/manifests/${tag}`,
    headers: { accept: ACCEPT },
    scope: `repository:${repository}:pull`,
    what,
  };
}

/** What the manifest says of itself goes before what the registry says: the digest covers it. */
function mediaTypeOf({ headers }: Response, bytes: Uint8Array): string {
  try {
    const { mediaType, manifests } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    if (typeof mediaType === "string") return mediaType;
    if (Array.isArray(manifests)) return MEDIA.index;
  } catch {
    // Whoever reads it says so.
  }
  const [told = ""] = (headers.get("content-type") ?? "").split(";", 1);
  return told.trim() || MEDIA.manifest;
}

function noPlatform({ what, platform }: ManifestRequest, list: readonly Descriptor[]): CtrError {
  const there = list.flatMap((each) =>
    each.platform === undefined || each.platform.os === "unknown" ? [] : [renderPlatform(each.platform)]
  );
  return new CtrError("not_found", `Cannot ${what}: there is nothing for ${renderPlatform(platform)}`, {
    hint: there.length === 0 ? "Use another image" : `It is there for ${[...new Set(there)].join(", ")}`,
  });
}
