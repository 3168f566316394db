/** `myctr pull`: fetches an image from its registry, and unpacks its layers while the rest is on its way. */

import {
  type Descriptor,
  imageError,
  type Platform,
  readImageConfig,
  readManifest,
  refuseOthers,
} from "../image/manifest.ts";
import { platformOf, renderPlatform } from "../image/platform.ts";
import { familiarText, fullName, parseReference, type Reference } from "../image/reference.ts";
import type { RegistryClient } from "../image/registry/client.ts";
import { fetchIntoStore, fetchLayers } from "../image/registry/layers.ts";
import { type FetchedManifest, fetchManifest, fetchTaggedDigest } from "../image/registry/manifest.ts";
import { loadRegistriesConf } from "../image/registry/load_registries_conf.ts";
import { resolveName, resolveSources, type Source } from "../image/registry/registries_conf.ts";
import type { ImageStore } from "../image/store.ts";
import { adding } from "./adding.ts";
import { isLayerUnpacked, isUnpacked, readImage } from "./find_image.ts";
import { note } from "./note.ts";
import { askFirst } from "./registry_client.ts";
import type { Transfer, Transfers } from "./transfers.ts";
import { unpackLayers } from "./unpack_image.ts";

/** What is pulled. */
export interface PullRequest {
  /** As typed. */
  readonly image: string;
  readonly platform?: Platform;
}

/** What came of it. */
export interface Pulled {
  /** In full. */
  readonly name: string;
  /** Of what has the tag in the registry. */
  readonly digest: string;
  readonly isNew: boolean;
}

/** Pulls an image. @throws {CtrError} where it can't be had, or is not what it should be */
export async function pullImage(request: PullRequest, transfers: Transfers): Promise<Pulled> {
  const conf = await loadRegistriesConf();
  const reference = resolveName(request.image, conf);
  const sources = resolveSources(reference, conf);
  conf.notes.forEach(note);
  const short = parseReference(request.image);
  return await adding(async (store) => {
    const pulled = await askFirst(
      sources,
      (client, source) => new Pull(store, client, { reference, transfers, request, source }).run(),
      ({ message }, { registry }) => note(`${message}: trying ${registry}`),
    );
    // What was typed is an alias: it is found by that name too.
    if (storedName(short) !== pulled.name) alsoNamed(store, pulled.name, storedName(short));
    return pulled;
  });
}

function alsoNamed(store: ImageStore, name: string, other: string): void {
  const { manifest, taggedDigest } = store.list().find((image) => image.name === name)!;
  store.tag(other, manifest, taggedDigest === undefined ? {} : { taggedDigest });
}

interface PullWorld {
  /** As it is called here. */
  readonly reference: Reference;
  /** As it is called where it comes from. */
  readonly source: Source;
  readonly transfers: Transfers;
  readonly request: PullRequest;
}

class Pull {
  readonly #store: ImageStore;
  readonly #client: RegistryClient;
  readonly #world: PullWorld;

  constructor(store: ImageStore, client: RegistryClient, world: PullWorld) {
    this.#store = store;
    this.#client = client;
    this.#world = world;
  }

  async run(): Promise<Pulled> {
    const { reference, transfers } = this.#world;
    const name = storedName(reference);
    const known = this.#whole(name);
    if (known !== undefined && await this.#isSame(known)) return { name, digest: known, isNew: false };
    transfers.say(`${reference.tag ?? reference.digest}: Pulling from ${placeOf(this.#world)}`);
    const fetched = await fetchManifest(this.#client, this.#asked());
    const { descriptor, taggedDigest } = fetched;
    if (taggedDigest === known) return { name, digest: known, isNew: false };
    const isNew = this.#known(name)?.manifest.digest !== descriptor.digest;
    await this.#fetch(fetched);
    this.#store.tag(name, descriptor, taggedDigest === descriptor.digest ? {} : { taggedDigest });
    return { name, digest: taggedDigest, isNew };
  }

  /** The digest of what has the name here, where nothing of it is missing. */
  #whole(name: string): string | undefined {
    const known = this.#known(name);
    if (known === undefined) return undefined;
    const image = readImage(this.#store, known.manifest);
    const isWhole = image.layers.every(({ blob }) => this.#store.hasBlob(blob.digest)) &&
      isUnpacked(this.#store, image);
    const { request: { platform } } = this.#world;
    const isOther = platform !== undefined && platform.architecture !== image.config.architecture;
    return isWhole && !isOther ? known.taggedDigest ?? known.manifest.digest : undefined;
  }

  /** Whether the registry has the same; a short question, that not all answer. What is named by its digest can't change. */
  async #isSame(known: string): Promise<boolean> {
    const theirs = this.#world.reference.digest ?? await fetchTaggedDigest(this.#client, this.#asked());
    return theirs === known;
  }

  #known(name: string): ReturnType<ImageStore["list"]>[number] | undefined {
    return this.#store.list().find((image) => image.name === name);
  }

  #asked(): Parameters<typeof fetchManifest>[1] {
    const { source, reference, request } = this.#world;
    return {
      repository: source.repository,
      tag: source.digest ?? source.tag!,
      platform: request.platform ?? platformOf(Deno.build.arch),
      what: `pull ${familiarText(fullName(reference))}`,
    };
  }

  async #fetch({ descriptor, bytes }: FetchedManifest): Promise<void> {
    const { source: { repository }, transfers } = this.#world;
    const manifest = readManifest(new TextDecoder().decode(bytes), `manifest ${descriptor.digest}`);
    refuseOthers(manifest);
    await fetchIntoStore(this.#client, this.#store, {
      repository,
      blob: manifest.config,
      watcher: { onBytes: () => {}, onThere: () => {}, isOver: () => false },
    });
    const config = readImageConfig(
      this.#store.readDocument(manifest.config.digest),
      `image ${manifest.config.digest}`,
    );
    if (config.diffIds.length !== manifest.layers.length) {
      throw imageError(descriptor.digest, "it has not as many layers as diff_ids");
    }
    this.#tellPlatform(config);
    await this.#store.writeBytes(bytes);
    const layers = manifest.layers.map((blob, index) => ({ blob, diffId: config.diffIds[index]! }));
    await new LayerPipeline(this.#store, layers, transfers).run((watcher) =>
      fetchLayers(this.#client, this.#store, { repository, blobs: manifest.layers, watcher })
    );
    transfers.finish();
  }

  #tellPlatform({ os, architecture }: { readonly os: string; readonly architecture: string }): void {
    const own = platformOf(Deno.build.arch);
    const wanted = this.#world.request.platform ?? own;
    if (os === wanted.os && architecture === wanted.architecture) return;
    note(`the image is for ${renderPlatform({ os, architecture })}, not for ${renderPlatform(wanted)}`);
  }
}

/** As docker: the repository alone, where the name says the rest. */
function placeOf({ reference, source }: PullWorld): string {
  const isSame = source.registry === reference.registry;
  return isSame ? source.repository : `${source.registry}/${source.repository}`;
}

/** How it is called here: by its tag, or by its digest where it was asked for by that. */
function storedName(reference: Reference): string {
  const { tag: _, ...byDigest } = reference;
  return fullName(reference.digest === undefined ? reference : byDigest);
}

interface PulledLayer {
  readonly blob: Descriptor;
  readonly diffId: string;
}

/** Unpacks what has come while the rest is fetched. */
class LayerPipeline {
  readonly #store: ImageStore;
  readonly #layers: readonly PulledLayer[];
  readonly #rows: ReadonlyMap<string, Transfer>;
  /** Digests of what is in the store. */
  readonly #there = new Set<string>();
  #unpacked = 0;
  #wake: () => void = () => {};
  #hasEnded = false;

  constructor(store: ImageStore, layers: readonly PulledLayer[], transfers: Transfers) {
    this.#store = store;
    this.#layers = layers;
    this.#rows = new Map(
      layers.map(({ blob }) => [blob.digest, transfers.begin(blob.digest, blob.size, "Waiting")]),
    );
  }

  async run(fetch: (watcher: Parameters<typeof fetchLayers>[2]["watcher"]) => Promise<void>): Promise<void> {
    const fetching = fetch({
      onBytes: (blob, count) => this.#onBytes(blob, count),
      onThere: (blob) => this.#onThere(blob),
      isOver: () => this.#hasEnded,
    });
    // Whichever fails ends the other; nothing goes on when this has thrown.
    const end = () => {
      this.#hasEnded = true;
      this.#wake();
    };
    const results = await Promise.allSettled([fetching.finally(end), this.#unpack().finally(end)]);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  #onBytes({ digest }: Descriptor, count: number): void {
    const row = this.#rows.get(digest);
    if (count === 0) row?.note("Downloading");
    row?.advance(count);
  }

  #onThere({ digest }: Descriptor): void {
    this.#there.add(digest);
    this.#rows.get(digest)?.note("Extracting");
    this.#wake();
  }

  async #unpack(): Promise<void> {
    while (this.#unpacked < this.#layers.length) {
      const ready = this.#ready();
      if (ready.length === 0) {
        if (this.#hasEnded) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      const known = ready.map(({ diffId }) => isLayerUnpacked(this.#store, diffId));
      await unpackLayers(ready.map(({ blob, diffId }) => ({ digest: blob.digest, diffId })));
      ready.forEach(({ blob }, index) =>
        this.#rows.get(blob.digest)?.end(known[index] ? "Already exists" : "Pull complete")
      );
      this.#unpacked += ready.length;
    }
  }

  /** The next ones in their order. */
  #ready(): readonly PulledLayer[] {
    const rest = this.#layers.slice(this.#unpacked);
    const end = rest.findIndex(({ blob }) => !this.#there.has(blob.digest));
    return end < 0 ? rest : rest.slice(0, end);
  }
}
