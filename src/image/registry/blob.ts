/** Fetches blobs: in pieces, from where the last attempt ended. Source: OCI distribution-spec 1.1, "Pulling blobs". */

import type { Descriptor } from "../manifest.ts";
import type { PartialBlob } from "../partial_blob.ts";
import { NetworkError, piecesOf } from "./body.ts";
import type { RegistryClient } from "./client.ts";
import { protocolError, reasonOf, unreachable } from "./errors.ts";

/** What is fetched, and from where. */
export interface BlobRequest {
  readonly repository: string;
  readonly blob: Descriptor;
  /** Tells how many bytes have come. */
  readonly onBytes: (count: number) => void;
}

/** Attempts that bring nothing, one after the other, before it is given up. */
const MAX_VAIN = 4;
const PARTIAL_CONTENT = 206;
const NOT_SATISFIABLE = 416;

/** Completes a blob. @throws {CtrError} where the registry does not give it, or gives another one; what has come of it stays */
export async function fetchBlob(
  client: RegistryClient,
  into: PartialBlob,
  request: BlobRequest,
): Promise<void> {
  let vain = 0;
  request.onBytes(into.received);
  while (!into.isWhole) {
    const before = into.received;
    try {
      await fetchRest(client, into, request);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      vain = into.received > before ? 0 : vain + 1;
      if (vain >= MAX_VAIN) throw unreachable(client.registry, reasonOf(error.cause), error);
    }
  }
}

async function fetchRest(
  client: RegistryClient,
  into: PartialBlob,
  { repository, blob, onBytes }: BlobRequest,
): Promise<void> {
  const { received } = into;
  const what = `get ${blob.digest}`;
  const response = await client.ask({
    path: `/v2/${repository}/blobs/${blob.digest}`,
    ...(received > 0 && { headers: { range: `bytes=${received}-` } }),
    scope: `repository:${repository}:pull`,
    expected: [NOT_SATISFIABLE],
    what,
  });
  if (received > 0 && !goesOn(response, received)) {
    await into.restart();
    if (response.status === NOT_SATISFIABLE) {
      await response.body?.cancel();
      return;
    }
  } else if (response.status === NOT_SATISFIABLE) {
    throw protocolError(what, client.registry, "refuses a range that nobody asked for");
  }
  for await (const piece of piecesOf(response)) {
    into.write(piece);
    onBytes(into.received);
  }
  // A body without a length may end anywhere.
  if (!into.isWhole) throw new NetworkError("cut", { cause: new Error("it ends before the blob does") });
}

function goesOn({ status, headers }: Response, at: number): boolean {
  return status === PARTIAL_CONTENT && (headers.get("content-range") ?? "").startsWith(`bytes ${at}-`);
}
