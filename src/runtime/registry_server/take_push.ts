/** What whoever pushes asks for: uploads, in one piece or many, and manifests. Source: OCI distribution-spec 1.1, "Push". */

import type { ImageStore } from "../../image/store.ts";
import { Refusal } from "./refusal.ts";
import { parseDigest, parseRepository, type Repository, type Route } from "./route.ts";
import { takeManifest } from "./take_manifest.ts";
import type { Upload } from "./upload.ts";
import type { UploadArea } from "./uploads.ts";

/** What a push works with. */
export interface PushWorld {
  readonly url: URL;
  readonly route: Route;
  readonly store: ImageStore;
  readonly area: UploadArea;
}

/** Answers a request that changes something, or is about what is being pushed. @throws {Refusal} */
export async function takePush(request: Request, world: PushWorld): Promise<Response> {
  const { route } = world;
  const asked = `${request.method} ${route.kind}`;
  if (route.kind === "manifest" && request.method === "PUT") return await putManifest(request, route, world);
  if (route.kind === "uploads" && request.method === "POST") return await beginUpload(request, route, world);
  if (route.kind === "upload") {
    const upload = world.area.find(route.id, route.repository.full);
    switch (request.method) {
      case "GET":
      case "HEAD":
        return uploadAnswer(204, upload, route.repository);
      case "PATCH":
        return await continueUpload(request, upload, route.repository, world);
      case "PUT":
        return await endUpload(request, upload, route.repository, world);
      case "DELETE":
        world.area.discard(upload);
        return new Response(null, { status: 204 });
    }
  }
  throw new Refusal(405, "UNSUPPORTED", `a registry does not know ${asked.toLowerCase()}`);
}

async function putManifest(
  { headers, body }: Request,
  { repository, tagged }: Extract<Route, { readonly kind: "manifest" }>,
  { store, area }: PushWorld,
): Promise<Response> {
  const [mediaType = ""] = (headers.get("content-type") ?? "").split(";", 1);
  const digest = await takeManifest(store, area, { repository, tagged, mediaType: mediaType.trim(), body });
  return created(`/v2/${repository.asked}/manifests/${digest}`, digest);
}

async function beginUpload(
  request: Request,
  { repository }: Extract<Route, { readonly kind: "uploads" }>,
  world: PushWorld,
): Promise<Response> {
  const { url: { searchParams }, store, area } = world;
  const mount = searchParams.get("mount");
  if (mount !== null) {
    const digest = parseDigest(mount);
    parseRepository(searchParams.get("from") ?? repository.asked);
    if (store.hasBlob(digest) || area.blob(digest) !== undefined) {
      return created(blobPath(repository, digest), digest);
    }
  }
  const digest = searchParams.get("digest");
  const wanted = digest === null ? undefined : parseDigest(digest);
  const upload = await area.begin(repository.full);
  if (wanted === undefined) return uploadAnswer(202, upload, repository);
  return await appendAndEnd(request, upload, { repository, digest: wanted, area });
}

async function continueUpload(
  request: Request,
  upload: Upload,
  repository: Repository,
  { area }: PushWorld,
): Promise<Response> {
  refuseGap(request.headers, upload, repository);
  await append(request, upload, area);
  return uploadAnswer(202, upload, repository);
}

async function endUpload(
  request: Request,
  upload: Upload,
  repository: Repository,
  { url, area }: PushWorld,
): Promise<Response> {
  const digest = parseDigest(url.searchParams.get("digest") ?? "");
  refuseGap(request.headers, upload, repository);
  return await appendAndEnd(request, upload, { repository, digest, area });
}

async function appendAndEnd(
  request: Request,
  upload: Upload,
  { repository, digest, area }: {
    readonly repository: Repository;
    readonly digest: string;
    readonly area: UploadArea;
  },
): Promise<Response> {
  await append(request, upload, area);
  area.finish(upload, digest);
  return created(blobPath(repository, digest), digest);
}

/** What broke off can be continued; after anything else it is over. */
async function append({ body }: Request, upload: Upload, area: UploadArea): Promise<void> {
  try {
    await upload.append(body);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "BLOB_UPLOAD_INVALID") area.discard(upload);
    throw error;
  }
}

/** Parts come in their order. */
function refuseGap(headers: Headers, upload: Upload, repository: Repository): void {
  const range = headers.get("content-range");
  if (range === null) return;
  const [, start] = /^(?:bytes[ =])?(\d{1,15})-\d{1,15}(?:\/.*)?$/.exec(range) ?? [];
  if (start !== undefined && Number(start) === upload.size) return;
  throw new Refusal(
    416,
    "BLOB_UPLOAD_INVALID",
    `the next part begins at ${upload.size}`,
    uploadHeaders(upload, repository),
  );
}

function uploadAnswer(status: number, upload: Upload, repository: Repository): Response {
  return new Response(null, { status, headers: uploadHeaders(upload, repository) });
}

function uploadHeaders({ id, size }: Upload, { asked }: Repository): Record<string, string> {
  return {
    location: `/v2/${asked}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    "docker-upload-uuid": id,
  };
}

function blobPath({ asked }: Repository, digest: string): string {
  return `/v2/${asked}/blobs/${digest}`;
}

function created(location: string, digest: string): Response {
  return new Response(null, { status: 201, headers: { location, "docker-content-digest": digest } });
}
