/** `myctr push`: brings an image into a registry. */

import { CtrError } from "../errors.ts";
import { type Descriptor, readManifest } from "../image/manifest.ts";
import { fullName, parseReference, type Reference } from "../image/reference.ts";
import { loadRegistriesConf } from "../image/registry/load_registries_conf.ts";
import { resolveTarget } from "../image/registry/registries_conf.ts";
import type { RegistryClient } from "../image/registry/client.ts";
import { uploadBlob, type Uploaded } from "../image/registry/upload.ts";
import type { ImageStore, NamedImage } from "../image/store.ts";
import { imageStore, noImage, readImage } from "./find_image.ts";
import { note } from "./note.ts";
import { openRegistry } from "./registry_client.ts";
import type { Transfers } from "./transfers.ts";

/** What is pushed. */
export interface PushRequest {
  /** As typed. */
  readonly image: string;
  /** Whether all tags of its repository are. */
  readonly hasAllTags: boolean;
}

/** A tag that the registry has now. */
export interface Pushed {
  /** In full. */
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  /** Bytes of the manifest. */
  readonly size: number;
}

/** Layers at the same time; docker's number. */
const AT_ONCE = 5;

/** Pushes an image, or all of a repository. @throws {CtrError} where it is not there, or the registry does not take it */
export async function pushImages(request: PushRequest, transfers: Transfers): Promise<readonly Pushed[]> {
  const store = imageStore();
  // Nobody shall remove layers that are on their way.
  using _held = store.hold("shared");
  const reference = parseReference(request.image);
  const images = imagesToPush(store, reference, request);
  const { registry, repository } = reference;
  const conf = await loadRegistriesConf();
  const target = resolveTarget(reference, conf);
  conf.notes.forEach(note);
  using client = await openRegistry(target);
  transfers.say(`The push refers to repository [${registry}/${repository}]`);
  const pushed: Pushed[] = [];
  for (const image of images) {
    pushed.push(await new Push(store, client, { repository, transfers }).run(image));
  }
  return pushed;
}

function imagesToPush(
  store: ImageStore,
  reference: Reference,
  { image, hasAllTags }: PushRequest,
): readonly NamedImage[] {
  if (reference.digest !== undefined) {
    throw new CtrError("usage", `Cannot push ${JSON.stringify(image)}: a registry takes it by a tag`, {
      hint: `Give it one: "myctr tag ${image} NAME:TAG"`,
    });
  }
  const { registry, repository } = reference;
  const isTyped = /:[^/]*$/.test(image);
  if (hasAllTags && isTyped) {
    throw new CtrError("usage", "Cannot push all tags: one is named", {
      hint: "Leave out the tag, or --all-tags",
    });
  }
  const found = store.list().filter(({ name }) =>
    hasAllTags ? name?.startsWith(`${registry}/${repository}:`) : name === fullName(reference)
  );
  if (found.length > 0) return found;
  throw noImage(store, image);
}

interface PushWorld {
  readonly repository: string;
  readonly transfers: Transfers;
}

class Push {
  readonly #store: ImageStore;
  readonly #client: RegistryClient;
  readonly #world: PushWorld;

  constructor(store: ImageStore, client: RegistryClient, world: PushWorld) {
    this.#store = store;
    this.#client = client;
    this.#world = world;
  }

  async run({ name = "", manifest }: NamedImage): Promise<Pushed> {
    const tag = parseReference(name).tag!;
    const text = this.#store.readDocument(manifest.digest);
    const { config, layers } = readManifest(text, `manifest ${manifest.digest}`);
    // The manifest comes last: a registry must never have one without its blobs.
    await this.#sendAll(layers);
    await uploadBlob(this.#client, this.#store, { ...this.#target(config), onBytes: () => {} });
    await this.#putManifest(tag, manifest, text);
    this.#world.transfers.finish();
    return { name, tag, digest: manifest.digest, size: manifest.size };
  }

  async #sendAll(layers: readonly Descriptor[]): Promise<void> {
    const waiting = [...new Map(layers.map((blob) => [blob.digest, blob])).values()];
    let failure: { readonly error: unknown } | undefined;
    const work = async () => {
      for (let blob = waiting.shift(); blob !== undefined && failure === undefined; blob = waiting.shift()) {
        try {
          await this.#send(blob);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (failure !== undefined) throw failure.error;
  }

  async #send(blob: Descriptor): Promise<void> {
    const row = this.#world.transfers.begin(blob.digest, blob.size, "Pushing");
    const target = this.#target(blob);
    const done = await uploadBlob(this.#client, this.#store, { ...target, onBytes: row.advance });
    row.end(worded(done, target.from));
  }

  #target(
    blob: Descriptor,
  ): { readonly repository: string; readonly blob: Descriptor; readonly from?: string } {
    const { repository } = this.#world;
    const from = this.#otherRepository(blob);
    return { repository, blob, ...(from !== undefined && { from }) };
  }

  /** Another repository of the registry whose image has the blob: it came from there, or went there. */
  #otherRepository(blob: Descriptor): string | undefined {
    for (const { name, manifest } of this.#store.list()) {
      if (name === undefined) continue;
      const { registry, repository } = parseReference(name);
      if (registry !== this.#client.registry || repository === this.#world.repository) continue;
      const { layers } = readImage(this.#store, manifest);
      if (layers.some((layer) => layer.blob.digest === blob.digest)) return repository;
    }
    return undefined;
  }

  async #putManifest(tag: string, { mediaType }: Descriptor, text: string): Promise<void> {
    const { repository } = this.#world;
    const response = await this.#client.ask({
      method: "PUT",
      path: `/v2/${repository}/manifests/${tag}`,
      headers: { "content-type": mediaType },
      body: text,
      scope: `repository:${repository}:pull,push`,
      what: `push ${repository}:${tag}`,
    });
    await response.body?.cancel();
  }
}

function worded(done: Uploaded, from = ""): string {
  if (done === "exists") return "Layer already exists";
  return done === "mounted" ? `Mounted from ${from}` : "Pushed";
}
