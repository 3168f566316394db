/** The store of images as a registry. Source: OCI distribution-spec 1.1. */

import type { ImageStore } from "../../image/store.ts";
import { type AccessRule, refuseStrangers } from "./access.ts";
import { streamFile } from "./file_stream.ts";
import { pageOf } from "./page.ts";
import { parseRange } from "./range.ts";
import { jsonAnswer, Refusal } from "./refusal.ts";
import { parseRoute, type Route } from "./route.ts";
import { findManifest, listRepositories, listTags } from "./stored_images.ts";
import { takePush } from "./take_push.ts";
import type { UploadArea } from "./uploads.ts";

/** What a registry works with. */
export interface RegistryWorld {
  readonly store: ImageStore;
  readonly access: AccessRule;
  /** Absent where nothing may be pushed. */
  readonly area?: UploadArea;
}

const VERSION = { "docker-distribution-api-version": "registry/2.0" } as const;
const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Answers a request. Only what is a fault of this side is thrown. */
export async function answerRequest(request: Request, world: RegistryWorld): Promise<Response> {
  const response = await answerOrRefuse(request, world);
  for (const [name, value] of Object.entries(VERSION)) response.headers.set(name, value);
  if (request.method !== "HEAD") return response;
  await response.body?.cancel();
  return new Response(null, response);
}

async function answerOrRefuse(request: Request, world: RegistryWorld): Promise<Response> {
  try {
    refuseStrangers(request.headers, world.access);
    const url = new URL(request.url);
    const route = parseRoute(url.pathname);
    if (route === undefined) throw new Refusal(404, "UNSUPPORTED", "a registry has nothing there");
    if (READING.has(request.method) && route.kind !== "uploads" && route.kind !== "upload") {
      return await answerReader(route, { url, request, world });
    }
    refuseWriting(request.method, route, world);
    return await takePush(request, { url, route, store: world.store, area: world.area! });
  } catch (error) {
    if (error instanceof Refusal) return error.answer();
    throw error;
  }
}

function refuseWriting(method: string, { kind }: Route, { area }: RegistryWorld): void {
  const refuse = (why: string) => new Refusal(405, "UNSUPPORTED", why, { allow: "GET, HEAD" });
  if (method === "DELETE" && kind !== "upload") {
    throw refuse("nothing is removed this way: whoever owns the images does so by myctr rmi");
  }
  if (area === undefined) {
    throw refuse("this registry is read-only: whoever runs it can start it with --writable");
  }
}

interface Asked {
  readonly url: URL;
  readonly request: Request;
  readonly world: RegistryWorld;
}

type Reading = Exclude<Route, { readonly kind: "uploads" | "upload" }>;

async function answerReader(route: Reading, { url, request, world }: Asked): Promise<Response> {
  const { store } = world;
  switch (route.kind) {
    case "base":
      return jsonAnswer({});
    case "catalog": {
      const { words, headers } = pageOf(listRepositories(store), url);
      return jsonAnswer({ repositories: words }, { headers });
    }
    case "tags": {
      const { asked } = route.repository;
      const tags = listTags(store, route.repository);
      if (tags === undefined) throw new Refusal(404, "NAME_UNKNOWN", `there is no image named ${asked}`);
      const { words, headers } = pageOf(tags, url);
      return jsonAnswer({ name: asked, tags: words }, { headers });
    }
    case "manifest":
      return await answerManifest(route, store);
    case "blob":
      return await answerBlob(route.digest, request, world);
  }
}

async function answerManifest(
  { repository, tagged }: Extract<Route, { readonly kind: "manifest" }>,
  store: ImageStore,
): Promise<Response> {
  const found = findManifest(store, repository, tagged);
  if (found === undefined || !store.hasBlob(found.digest)) {
    throw new Refusal(
      404,
      "MANIFEST_UNKNOWN",
      `there is no image ${repository.asked} with that tag or digest`,
    );
  }
  const bytes = await Deno.readFile(store.blobPath(found.digest));
  return new Response(bytes, {
    headers: {
      "content-type": found.mediaType,
      "content-length": String(bytes.length),
      "docker-content-digest": found.digest,
      etag: `"${found.digest}"`,
    },
  });
}

async function answerBlob(
  digest: string,
  { method, headers }: Request,
  world: RegistryWorld,
): Promise<Response> {
  const blob = findBlob(digest, world);
  if (blob === undefined) throw new Refusal(404, "BLOB_UNKNOWN", `there is no blob ${digest}`);
  const { path, size } = blob;
  const etag = `"${digest}"`;
  const isOther = headers.has("if-range") && headers.get("if-range") !== etag;
  const slice = method === "GET" && !isOther ? parseRange(headers.get("range"), size) : undefined;
  if (slice === "unsatisfiable") {
    throw new Refusal(416, "SIZE_INVALID", `the blob has ${size} bytes`, {
      "content-range": `bytes */${size}`,
    });
  }
  const { start, length } = slice ?? { start: 0, length: size };
  const range = slice === undefined
    ? {}
    : { "content-range": `bytes ${start}-${start + length - 1}/${size}` };
  return new Response(method === "HEAD" ? null : await streamFile(path, { start, length }), {
    status: slice === undefined ? 200 : 206,
    headers: {
      "accept-ranges": "bytes",
      "content-type": "application/octet-stream",
      "content-length": String(length),
      "docker-content-digest": digest,
      etag,
      ...range,
    },
  });
}

/** Finds a blob of an image, or one that has just been pushed. */
function findBlob(
  digest: string,
  { store, area }: RegistryWorld,
): { readonly path: string; readonly size: number } | undefined {
  if (!store.hasBlob(digest)) return area?.blob(digest);
  const path = store.blobPath(digest);
  return { path, size: Deno.statSync(path).size };
}
