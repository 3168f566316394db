/** `myctr system check`: whether the store of images is what it says, and how to make it so again. */

import { readPathStatus } from "../../ffi/file.ts";
import { CtrError } from "../errors.ts";
import { type Descriptor, readImageConfig, readManifest } from "../image/manifest.ts";
import { PARTIAL } from "../image/partial_blob.ts";
import { familiarText } from "../image/reference.ts";
import { type ImageStore, type NamedImage, startDigest } from "../image/store.ts";
import { ANNOTATION } from "../spec/types.ts";
import { listContainers } from "./containers.ts";
import { imageStore, isLayerUnpacked, layerName, layerPath } from "./find_image.ts";
import { imageAnnotations, sweepImages } from "./sweep_images.ts";
import { discardLayer, maybeLayerFacts, unpackLayers } from "./unpack_image.ts";

/** Something that is not as it should be. */
export interface Damage {
  /** What it is: a digest, or a path in the state root. */
  readonly what: string;
  readonly why: string;
  /** Names or ids of the images that need it. */
  readonly images: readonly string[];
}

/** How thorough a look is, and whether something is done about it. */
export interface CheckRequest {
  /** Whether digests are left alone: they take a reading of all that is there. */
  readonly isQuick: boolean;
  readonly isRepaired: boolean;
}

/** What was found. */
export interface Checked {
  readonly damages: readonly Damage[];
  readonly images: number;
  readonly blobs: number;
  readonly layers: number;
  /** Names or ids of the images that were given up. */
  readonly removed: readonly string[];
  /** Damaged layers that running containers use: nothing was done about them. */
  readonly left: readonly string[];
}

/** Looks through the store; nobody adds to it or removes from it meanwhile. */
export async function checkStore({ isQuick, isRepaired }: CheckRequest): Promise<Checked> {
  const store = imageStore();
  using _held = store.hold("exclusive");
  const check = new StoreCheck(store, isQuick);
  for (const image of store.list()) await check.image(image);
  await check.contents();
  check.leftovers();
  const repaired = isRepaired ? await check.repair() : { removed: [], left: [] };
  return { ...check.result, ...repaired };
}

class StoreCheck {
  readonly #store: ImageStore;
  readonly #isQuick: boolean;
  /** What each blob is; undefined where it is well. */
  readonly #blobs = new Map<string, string | undefined>();
  readonly #layers = new Map<string, string | undefined>();
  /** Layers whose files can be compared, by their diff-id. */
  readonly #unpacked = new Map<
    string,
    { readonly digest: string; readonly images: readonly NamedImage[] }
  >();
  readonly #damages = new Map<string, { readonly why: string; readonly images: Set<string> }>();
  readonly #damaged = new Set<NamedImage>();
  #images = 0;

  constructor(store: ImageStore, isQuick: boolean) {
    this.#store = store;
    this.#isQuick = isQuick;
  }

  get result(): Omit<Checked, "removed" | "left"> {
    return {
      damages: [...this.#damages].map(([what, { why, images }]) => ({ what, why, images: [...images] })),
      images: this.#images,
      blobs: this.#blobs.size,
      layers: this.#layers.size,
    };
  }

  async image(image: NamedImage): Promise<void> {
    this.#images++;
    const { manifest } = image;
    if (!await this.#blob(image, manifest)) return;
    try {
      const { config, layers } = readManifest(
        this.#store.readDocument(manifest.digest),
        `manifest ${manifest.digest}`,
      );
      const blobs: boolean[] = [];
      for (const blob of [config, ...layers]) blobs.push(await this.#blob(image, blob));
      if (!blobs[0]) return;
      const { diffIds } = readImageConfig(this.#store.readDocument(config.digest), `image ${config.digest}`);
      if (diffIds.length !== layers.length) {
        this.#tell(image, config.digest, "it has not as many diff_ids as layers");
      }
      diffIds.forEach((diffId, index) => {
        this.#layer(image, diffId);
        if (blobs[index + 1] && this.#isThere(diffId)) {
          const { digest } = layers[index]!;
          this.#unpacked.set(diffId, {
            digest,
            images: [...this.#unpacked.get(diffId)?.images ?? [], image],
          });
        }
      });
    } catch (error) {
      if (!(error instanceof CtrError)) throw error;
      this.#tell(image, manifest.digest, error.message.replace(/^Cannot use \S+ \S+: /, ""));
    }
  }

  /** Whether it is well. */
  async #blob(image: NamedImage, blob: Descriptor): Promise<boolean> {
    if (!this.#blobs.has(blob.digest)) this.#blobs.set(blob.digest, await this.#lookAt(blob));
    const why = this.#blobs.get(blob.digest);
    if (why !== undefined) this.#tell(image, blob.digest, why);
    return why === undefined;
  }

  async #lookAt({ digest, size }: Descriptor): Promise<string | undefined> {
    const found = readPathStatus(this.#store.blobPath(digest));
    if (!found.ok) return "it is missing";
    if (Number(found.value.size) !== size) return `it has ${found.value.size} bytes, not ${size}`;
    if (this.#isQuick) return undefined;
    const digester = await startDigest();
    for await (const piece of this.#store.readBlob(digest)) digester.update(piece);
    const real = digester.finish();
    return real === digest ? undefined : `its content has the digest ${real}`;
  }

  /** One that is not unpacked is no damage: the next container unpacks it. */
  #layer(image: NamedImage, diffId: string): void {
    if (!this.#layers.has(diffId)) this.#layers.set(diffId, this.#lookAtLayer(diffId));
    const why = this.#layers.get(diffId);
    if (why !== undefined) this.#tell(image, `layers/${layerName(diffId)}`, why, { isKept: true });
  }

  #lookAtLayer(diffId: string): string | undefined {
    const hasFiles = isLayerUnpacked(this.#store, diffId);
    const hasFacts = readPathStatus(`${layerPath(this.#store, diffId)}.json`).ok;
    if (hasFiles && !hasFacts) return "nothing tells what it is";
    if (!hasFiles && hasFacts) return "its files are missing";
    try {
      maybeLayerFacts(this.#store, diffId);
      return undefined;
    } catch (error) {
      return error instanceof CtrError
        ? "another layer has its directory"
        : "what tells what it is, is damaged";
    }
  }

  #isThere(diffId: string): boolean {
    return this.#layers.get(diffId) === undefined && isLayerUnpacked(this.#store, diffId);
  }

  /** Compares the files of layers with the blobs that they came from, which takes a reading of both. */
  async contents(): Promise<void> {
    if (this.#isQuick || this.#unpacked.size === 0) return;
    const { compareLayers } = await import("./compare_layers.ts");
    const all = [...this.#unpacked].map(([diffId, { digest, images }]) => ({ diffId, digest, images }));
    const told = await compareLayers(all.map(({ diffId, digest }) => ({ diffId, digest })));
    all.forEach(({ diffId, images }, index) => {
      const why = told[index];
      if (typeof why !== "string") return;
      this.#layers.set(diffId, why);
      for (const image of images) this.#tell(image, `layers/${layerName(diffId)}`, why, { isKept: true });
    });
  }

  /** What a command that was killed has left; what a pull can go on with is none. */
  leftovers(): void {
    for (const folder of ["blobs", "layers"]) {
      for (const { name } of Deno.readDirSync(`${this.#store.root}/${folder}`)) {
        if (name.startsWith(".") && !name.startsWith(PARTIAL)) {
          this.#add(`${folder}/${name}`, "it was never finished");
        }
      }
    }
  }

  /**
   * Removes what is damaged, and the images that can't be without it: they can be had again. A layer is unpacked again,
   * unless a container runs on it: that would lose its files.
   */
  async repair(): Promise<Pick<Checked, "removed" | "left">> {
    const running = new Set(
      listContainers({ all: false, onUnreadable: () => {} })
        .flatMap(({ id }) => imageAnnotations(id)[ANNOTATION.layers]?.split(":") ?? []),
    );
    const damaged = [...this.#layers].filter(([, why]) => why !== undefined).map(([diffId]) => diffId);
    const left = damaged.filter((diffId) => running.has(layerName(diffId)));
    const discarded = damaged.filter((diffId) => !left.includes(diffId));
    for (const diffId of discarded) discardLayer(this.#store, layerName(diffId));
    await unpackLayers(discarded.flatMap((diffId) => {
      const blob = this.#unpacked.get(diffId);
      return blob === undefined ? [] : [{ digest: blob.digest, diffId }];
    }));
    const isGone = ({ name, manifest }: NamedImage) =>
      [...this.#damaged].some((image) => image.name === name && image.manifest.digest === manifest.digest);
    const before = this.#store.change((images) => images.filter((image) => !isGone(image)));
    sweepImages(this.#store);
    return {
      removed: before.filter(isGone).map(titleOf),
      left: left.map((diffId) => `layers/${layerName(diffId)}`),
    };
  }

  #tell(image: NamedImage, what: string, why: string, { isKept = false } = {}): void {
    this.#add(what, why).add(titleOf(image));
    if (!isKept) this.#damaged.add(image);
  }

  #add(what: string, why: string): Set<string> {
    const known = this.#damages.get(what) ?? { why, images: new Set<string>() };
    this.#damages.set(what, known);
    return known.images;
  }
}

function titleOf({ name, manifest }: NamedImage): string {
  return name === undefined ? manifest.digest : familiarText(name);
}
