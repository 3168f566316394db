/** `myctr registry serve`: the store of images by the protocol of registries, until a signal ends it. */

import { CtrError } from "../../errors.ts";
import { isLoopback } from "../../image/registry/endpoint.ts";
import { makeStateRoot } from "../container_store.ts";
import { imageStore } from "../find_image.ts";
import { note } from "../note.ts";
import { type ListenAddress, renderListenAddress } from "./parse_address.ts";
import { Refusal } from "./refusal.ts";
import { answerRequest, type RegistryWorld } from "./server.ts";
import { UPLOAD_LIMITS, UploadArea } from "./uploads.ts";

/** What is served, where and to whom. */
export interface ServeRequest {
  readonly address: ListenAddress;
  /** Whether others than this machine may be served. */
  readonly isRemoteAllowed: boolean;
  readonly isWritable: boolean;
  /** A file with the token that everybody must know. */
  readonly tokenFile?: string;
}

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** How long requests that are being answered at the end may take. */
const END_MS = 2000;
const TOKEN = /^[\x21-\x7e]{16,1024}$/;
const TOKEN_BYTES = 24;

/** Serves until a signal comes. `onStart` is told the address. @throws {CtrError} where it can't begin */
export async function serveRegistry(
  { address, isRemoteAllowed, isWritable, tokenFile }: ServeRequest,
  onStart: (address: string) => void,
): Promise<void> {
  refuseRemote(address, isRemoteAllowed);
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  const made = isWritable && token === undefined ? makeToken() : undefined;
  const known = token ?? made;
  makeStateRoot();
  const store = imageStore();
  using area = isWritable ? UploadArea.open(store) : undefined;
  const access = { isRemoteAllowed, ...(known !== undefined && { token: known }) };
  await listen(address, { store, access, ...(area !== undefined && { area }) }, (bound) => {
    if (made !== undefined) note(`whoever asks needs this token, as the password of any user: ${made}`);
    if (isRemoteAllowed) note("what is sent is not encrypted, and neither is the token");
    onStart(bound);
  });
}

function refuseRemote({ host }: ListenAddress, isRemoteAllowed: boolean): void {
  if (isRemoteAllowed || isLoopback(host.includes(":") ? `[${host}]` : host)) return;
  throw new CtrError("usage", `Cannot listen at ${host}: others than this machine could ask there`, {
    hint: "Use 127.0.0.1, or write --allow-remote if they shall",
  });
}

function readToken(path: string): string {
  let token: string;
  try {
    token = Deno.readTextFileSync(path).trim();
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "it does not exist" : "it can not be read";
    throw new CtrError("usage", `Cannot read token file ${JSON.stringify(path)}: ${why}`, {
      hint: "Write a file with one word in it",
      cause,
    });
  }
  if (TOKEN.test(token)) return token;
  throw new CtrError(
    "usage",
    `Cannot use token file ${JSON.stringify(path)}: it is not one word of 16 characters or more`,
    {
      hint: `Make one: head -c 24 /dev/urandom | base64 >${path}`,
    },
  );
}

function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

async function listen(
  { host, port }: ListenAddress,
  world: RegistryWorld,
  onStart: (address: string) => void,
): Promise<void> {
  const server = openServer({ host, port }, world);
  const expiry = setInterval(() => world.area?.expire(Date.now()), UPLOAD_LIMITS.idleMs / 10);
  const ended = endSignal();
  try {
    onStart(renderListenAddress({ host, port: server.addr.port }));
    await ended.promise;
    // Who has not got its answer by then gets none: this process ends.
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, END_MS);
    await Promise.race([server.shutdown(), patience]);
    clearTimeout(timer);
  } finally {
    ended.forget();
    clearInterval(expiry);
  }
}

function openServer({ host, port }: ListenAddress, world: RegistryWorld): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve(
      { hostname: host, port, onListen: () => {}, onError: answerFault },
      (request) => answerRequest(request, world),
    );
  } catch (cause) {
    const why = cause instanceof Deno.errors.AddrInUse
      ? "another program listens there"
      : cause instanceof Deno.errors.PermissionDenied
      ? "that port is for root"
      : cause instanceof Deno.errors.AddrNotAvailable
      ? "this machine does not have that address"
      : undefined;
    if (why === undefined) throw cause;
    throw new CtrError("bad_state", `Cannot listen at ${renderListenAddress({ host, port })}: ${why}`, {
      hint: "Write another one, as in --address 127.0.0.1:0",
      cause,
    });
  }
}

/** What goes wrong here is told here; whoever asks learns that it did. */
function answerFault(error: unknown): Response {
  const text = error instanceof Error ? error.message : String(error);
  note(`a request failed: ${text}`);
  const isFull = /\(os error (?:28|122)\)/.test(text);
  return new Refusal(isFull ? 507 : 500, "UNKNOWN", isFull ? "the disk is full" : "the registry failed")
    .answer();
}

function endSignal(): { readonly promise: Promise<void>; readonly forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = () => resolve();
  for (const name of END_SIGNALS) Deno.addSignalListener(name, listener);
  return {
    promise,
    forget: () => END_SIGNALS.forEach((name) => Deno.removeSignalListener(name, listener)),
  };
}
