/** Sends blobs: none that the registry has, large ones in pieces. Source: OCI distribution-spec 1.1, "Pushing blobs". */

import type { Descriptor } from "../manifest.ts";
import type { ImageStore } from "../store.ts";
import { notePassed } from "../collect.ts";
import type { RegistryClient } from "./client.ts";
import { protocolError } from "./errors.ts";

/** What is sent, and to where. */
export interface UploadRequest {
  readonly repository: string;
  readonly blob: Descriptor;
  /** A repository of the same registry that has it, as far as is known. */
  readonly from?: string;
  /** Tells how many bytes are there. */
  readonly onBytes: (count: number) => void;
}

/** What became of it. */
export type Uploaded = "exists" | "mounted" | "pushed";

/** Bytes of one request: they are in memory. */
const PIECE = 8 * 1024 * 1024;
const CREATED = 201;
const NOT_FOUND = 404;
const RANGE_REFUSED = 416;

/** Brings a blob into a repository. @throws {CtrError} where the registry does not take it */
export async function uploadBlob(
  client: RegistryClient,
  store: ImageStore,
  request: UploadRequest,
): Promise<Uploaded> {
  const { repository, blob, from, onBytes } = request;
  const world: World = {
    client,
    scope: `repository:${repository}:pull,push`,
    what: `push ${blob.digest} to ${repository}`,
  };
  const there = await client.ask({
    ...world,
    method: "HEAD",
    path: `/v2/${repository}/blobs/${blob.digest}`,
    expected: [NOT_FOUND],
  });
  await there.body?.cancel();
  if (there.ok) return "exists";
  const query = from === undefined ? "" : `?mount=${blob.digest}&from=${encodeURIComponent(from)}`;
  const begun = await client.ask({
    ...world,
    ...(from !== undefined && { scope: `${world.scope} repository:${from}:pull` }),
    method: "POST",
    path: `/v2/${repository}/blobs/uploads/${query}`,
  });
  await begun.body?.cancel();
  if (begun.status === CREATED) return "mounted";
  using file = Deno.openSync(store.blobPath(blob.digest));
  const rest = await sendPieces(locationOf(begun, world), { world, file, size: blob.size, onBytes });
  await finish(rest, blob, world);
  onBytes(blob.size);
  return "pushed";
}

interface World {
  readonly client: RegistryClient;
  readonly scope: string;
  readonly what: string;
}

interface Sending {
  readonly world: World;
  readonly file: Deno.FsFile;
  readonly size: number;
  readonly onBytes: (count: number) => void;
}

/** What the last request carries, and where it goes. */
interface Rest {
  readonly location: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Sends all but the last piece. */
async function sendPieces(location: string, { world, file, size, onBytes }: Sending): Promise<Rest> {
  let next = location;
  let at = 0;
  // One for all of them: each is answered before the next one is read.
  const piece = new Uint8Array(Math.min(PIECE, size));
  while (size - at > PIECE) {
    const bytes = readAt(file, at, piece);
    const response = await world.client.ask({
      ...world,
      method: "PATCH",
      path: next,
      headers: {
        "content-type": "application/octet-stream",
        "content-range": `${at}-${at + bytes.length - 1}`,
      },
      body: bytes,
      // An attempt whose answer was lost may have brought some.
      expected: [RANGE_REFUSED],
    });
    await response.body?.cancel();
    if (response.status === RANGE_REFUSED) {
      const before = at;
      ({ next, at } = await askProgress(next, world));
      if (at === before) throw protocolError(world.what, world.client.registry, "takes no more of it");
    } else {
      next = locationOf(response, world);
      at += bytes.length;
    }
    onBytes(at);
    // Who sends it makes a copy.
    notePassed(bytes.length);
  }
  return { location: next, bytes: readAt(file, at, piece.subarray(0, size - at)) };
}

async function askProgress(
  location: string,
  world: World,
): Promise<{ readonly next: string; readonly at: number }> {
  const response = await world.client.ask({ ...world, path: location });
  await response.body?.cancel();
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get("range") ?? "") ?? [];
  return { next: locationOf(response, world), at: last === undefined ? 0 : Number(last) + 1 };
}

async function finish({ location, bytes }: Rest, { digest }: Descriptor, world: World): Promise<void> {
  const mark = location.includes("?") ? "&" : "?";
  const response = await world.client.ask({
    ...world,
    method: "PUT",
    path: `${location}${mark}digest=${digest}`,
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
  });
  await response.body?.cancel();
}

/** Fills as much of it as there is. */
function readAt(file: Deno.FsFile, at: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  file.seekSync(at, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < bytes.length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function locationOf({ headers }: Response, { client, what }: World): string {
  const location = headers.get("location");
  if (location !== null) return location;
  throw protocolError(what, client.registry, "does not say where to send it");
}
