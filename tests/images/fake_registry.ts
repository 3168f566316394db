/** A registry in the test's own process, that may do what no real one would: answers can be bent one by one. */

/** A request as a bent answer sees it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  /** How often this method and path were asked before. */
  readonly before: number;
}

/** Gives another answer, or undefined for the usual one. */
export type Bend = (asked: Asked, usual: () => Response) => Response | Promise<Response> | undefined;

/** Layers as they are sent: any bytes. */
export interface ServedImage {
  readonly repository: string;
  readonly tag: string;
  readonly layers: readonly Uint8Array<ArrayBuffer>[];
  /** Of the layers; their digests where it is absent. */
  readonly diffIds?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** Put into the manifest in place of what is right. */
  readonly manifest?: (right: Record<string, unknown>) => unknown;
}

const MEDIA = "application/vnd.oci.image";

/** A registry on loopback with images, until it is disposed of. */
export class FakeRegistry implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  /** By repository and tag or digest. */
  readonly #manifests = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #counts = new Map<string, number>();
  readonly #digests = new Map<Uint8Array, string>();
  /** Whether answers say what digest they have: not all registries do. */
  hasDigests = true;
  bend: Bend = () => undefined;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Bodies that never end would keep it waiting.
    const hasEnded = this.#server.shutdown();
    await Promise.race([hasEnded, new Promise((resolve) => setTimeout(resolve, 100))]);
  }

  /** Host and port, as names of images begin. */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** How often something was asked for: `GET /v2/…`. */
  count(line: string): number {
    return this.#counts.get(line) ?? 0;
  }

  /** Every request, in the order of the first of its kind. */
  get lines(): readonly string[] {
    return [...this.#counts.keys()];
  }

  /** Serves an image; gives its manifest's digest. */
  async add(
    { repository, tag, layers, diffIds, config = {}, manifest = (right) => right }: ServedImage,
  ): Promise<string> {
    const descriptors = await Promise.all(
      layers.map((layer) => this.addBlob(`${MEDIA}.layer.v1.tar`, layer)),
    );
    const text = {
      architecture: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: diffIds ?? descriptors.map(({ digest }) => digest) },
    };
    const right = {
      schemaVersion: 2,
      mediaType: `${MEDIA}.manifest.v1+json`,
      config: await this.addBlob(`${MEDIA}.config.v1+json`, encode(text)),
      layers: descriptors,
    };
    return await this.addManifest(repository, tag, encode(manifest(right)));
  }

  /** Serves a manifest as it is; gives its digest. */
  async addManifest(repository: string, tag: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const digest = await digestOf(bytes);
    this.#digests.set(bytes, digest);
    for (const name of [tag, digest]) this.#manifests.set(`${repository}/${name}`, bytes);
    return digest;
  }

  /** Serves a blob; gives its descriptor. */
  async addBlob(
    mediaType: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ mediaType: string; digest: string; size: number }> {
    const digest = await digestOf(bytes);
    this.#blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const path = `${pathname}${search}`;
    const line = `${method} ${path}`;
    const before = this.#counts.get(line) ?? 0;
    this.#counts.set(line, before + 1);
    const usual = () => this.#usual(method, pathname, headers);
    return await this.bend({ method, path, headers, before }, usual) ?? usual();
  }

  #usual(method: string, path: string, headers: Headers): Response {
    const [, repository, kind, name] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    const bytes = kind === "blobs" ? this.#blobs.get(name!) : this.#manifests.get(`${repository}/${name}`);
    if (bytes === undefined) {
      return Response.json({ errors: [{ code: "NAME_UNKNOWN", message: "not here" }] }, { status: 404 });
    }
    const digest = this.#digests.get(bytes);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    const type = kind === "blobs" ? "application/octet-stream" : mediaTypeOf(bytes);
    return new Response(method === "HEAD" ? null : bytes.subarray(from), {
      status: from > 0 ? 206 : 200,
      headers: {
        "content-type": type,
        ...(this.hasDigests && digest !== undefined && { "docker-content-digest": digest }),
        ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      },
    });
  }
}

function mediaTypeOf(bytes: Uint8Array): string {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).mediaType ?? `${MEDIA}.manifest.v1+json`;
  } catch {
    return `${MEDIA}.manifest.v1+json`;
  }
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The digest of bytes, as manifests write it. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256:${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
}
