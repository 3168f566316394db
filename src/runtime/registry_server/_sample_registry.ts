/** A registry without a network, in a directory of its own, for tests. */

import { ImageStore } from "../../image/store.ts";
import { setStateRoot } from "../state_root.ts";
import type { SampleBlob, SampleImage } from "./_sample_image.ts";
import { answerRequest, type RegistryWorld } from "./server.ts";
import { UPLOAD_LIMITS, UploadArea, type UploadLimits } from "./uploads.ts";

/** What a test asks for. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** An answer that has been read. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The code of a refusal. */
  readonly code: string | undefined;
}

/** The registry of one test. */
export class SampleRegistry implements Disposable {
  readonly store: ImageStore;
  readonly area: UploadArea;
  readonly directory: string;
  readonly #isWritable: boolean;

  constructor({ isWritable = true, limits = {} }: {
    readonly isWritable?: boolean;
    readonly limits?: Partial<UploadLimits>;
  } = {}) {
    this.directory = Deno.makeTempDirSync();
    setStateRoot(this.directory);
    this.store = new ImageStore(this.directory);
    this.area = UploadArea.open(this.store, { ...UPLOAD_LIMITS, ...limits });
    this.#isWritable = isWritable;
  }

  /** Asks, as somebody of this machine does. */
  async ask(path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Told> {
    const world: RegistryWorld = {
      store: this.store,
      access: { isRemoteAllowed: false },
      ...(this.#isWritable && { area: this.area }),
    };
    const request = new Request(`http://127.0.0.1:5000${path}`, {
      method,
      headers: { host: "127.0.0.1:5000", ...headers },
      ...(body !== undefined && { body }),
    });
    const response = await answerRequest(request, world);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, code: codeIn(text) };
  }

  /** Pushes a blob in one piece. */
  async pushBlob(name: string, { bytes, digest }: SampleBlob): Promise<Told> {
    return await this.ask(`/v2/${name}/blobs/uploads/?digest=${digest}`, { method: "POST", body: bytes });
  }

  /** Pushes a manifest. */
  async pushManifest(name: string, reference: string, { bytes }: SampleBlob): Promise<Told> {
    return await this.ask(`/v2/${name}/manifests/${reference}`, { method: "PUT", body: bytes });
  }

  /** Pushes all of an image; what its manifest came to is the result. */
  async push(name: string, tag: string, image: SampleImage): Promise<Told> {
    for (const blob of [image.config, image.layer]) await this.pushBlob(name, blob);
    return await this.pushManifest(name, tag, image.manifest);
  }

  /** Begins an upload; gives its address. */
  async begin(name: string): Promise<string> {
    const { headers } = await this.ask(`/v2/${name}/blobs/uploads/`, { method: "POST" });
    return headers.get("location")!;
  }

  /** Files of blobs, in the store and on their way to it. */
  files(): readonly string[] {
    const [own] = Deno.readDirSync(`${this.directory}/uploads`);
    return ["blobs", "blobs/sha256", `uploads/${own!.name}`].flatMap((folder) =>
      Array.from(Deno.readDirSync(`${this.directory}/${folder}`)).filter(({ isFile }) => isFile)
        .map(({ name }) => `${folder.split("/")[0]}/${name}`)
    );
  }

  [Symbol.dispose](): void {
    this.area[Symbol.dispose]();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

function codeIn(text: string): string | undefined {
  try {
    return JSON.parse(text).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}
