/** `myctr diff` and `myctr commit`: what a container has written, as a list and as an image. */

import { CtrError } from "../errors.ts";
import { MEDIA, parseObject, readManifest } from "../image/manifest.ts";
import { writeManifest } from "../image/read_archive.ts";
import type { ImageStore } from "../image/store.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import { type ConfigChange } from "./add_images.ts";
import { adding } from "./adding.ts";
import { freeze, thaw } from "./cgroup.ts";
import { mountPlaces, upperOf } from "./container_root.ts";
import { type ContainerState, readSpec, readState } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import type { Change, MadeLayer } from "./files_worker.ts";
import { type FoundImage, readImage } from "./find_image.ts";
import { isPaused } from "./is_paused.ts";
import { type MountedRoot, workOnFiles } from "./root_view.ts";
import { unpackLayers } from "./unpack_image.ts";

/** Lists what a container has changed, by path. @throws {CtrError} where it has no layer of its own */
export async function listChanges(reference: string): Promise<readonly Change[]> {
  const id = findContainer(reference);
  const spec = readSpec(id);
  const upper = upperOf(reference, id, spec);
  const changes = await workOnFiles<readonly Change[]>(lowerRoot(spec), {
    do: "compare",
    upper,
    places: mountPlaces(spec),
  });
  return changes.toSorted((a, b) => a.path < b.path ? -1 : 1);
}

/** The root without what the container has written. */
function lowerRoot({ root, annotations }: Spec): MountedRoot {
  return {
    spec: { root, annotations: { ...annotations, [ANNOTATION.root]: "overlay-tmpfs" } },
    containerDirectory: "/",
  };
}

/** How an image is made of a container. */
export interface CommitRequest {
  readonly container: string;
  /** In full; absent for one without a name. */
  readonly name?: string;
  readonly author?: string;
  readonly message?: string;
  readonly change: ConfigChange;
  /** Whether its processes stand still meanwhile, where they can. */
  readonly isPaused: boolean;
}

/** Makes an image of a container; gives its id. @throws {CtrError} where it was not made of one */
export async function commitContainer(request: CommitRequest): Promise<string> {
  const { container } = request;
  const id = findContainer(container);
  const spec = readSpec(id);
  const state = readState(id, container);
  const upper = upperOf(container, id, spec);
  return await adding(async (store) => {
    const base = baseOf(store, container, spec);
    using _still = request.isPaused ? stillness(state) : undefined;
    const task = { do: "layer", upper, places: mountPlaces(spec) } as const;
    const layer = await workOnFiles<MadeLayer>(lowerRoot(spec), task);
    await unpackLayers([layer]);
    return await writeImage(store, { base, layer, request, spec, state });
  });
}

/** One that stands still already is left so. */
function stillness(state: ContainerState): Disposable | undefined {
  const { cgroup } = state;
  if (cgroup === undefined || isPaused(state) || !freeze(cgroup)) return undefined;
  return { [Symbol.dispose]: () => thaw(cgroup) };
}

function baseOf(store: ImageStore, reference: string, { annotations }: Spec): FoundImage {
  const id = annotations[ANNOTATION.image];
  for (const { manifest } of id === undefined ? [] : store.list()) {
    const image = readImage(store, manifest);
    if (image.id === id) return image;
  }
  const why = id === undefined ? "it was not made of an image" : "the image that it was made of is gone";
  throw new CtrError("unsupported", `Cannot make an image of container "${reference}": ${why}`, {
    hint: `Make one of all of its files: myctr export ${reference} | myctr import - NAME`,
  });
}

interface NewImage {
  readonly base: FoundImage;
  readonly layer: MadeLayer;
  readonly request: CommitRequest;
  readonly spec: Spec;
  readonly state: ContainerState;
}

async function writeImage(
  store: ImageStore,
  { base, layer, request, spec, state }: NewImage,
): Promise<string> {
  const document = parseObject(store.readDocument(base.id), `image ${base.id}`);
  const manifest = readManifest(store.readDocument(base.manifest.digest), `manifest ${base.manifest.digest}`);
  const created = new Date().toISOString();
  const { author, message } = request;
  const step = {
    created,
    created_by: spec.process.args.join(" "),
    ...(author !== undefined && { author }),
    ...(message !== undefined && { comment: message }),
  };
  const config = {
    ...document,
    created,
    ...(author !== undefined && { author }),
    config: { ...document.config as object, ...ownConfig(base, spec, state), ...request.change },
    rootfs: { type: "layers", diff_ids: [...base.config.diffIds, layer.diffId] },
    history: [...Array.isArray(document.history) ? document.history : [], step],
  };
  const written = await store.writeText(JSON.stringify(config));
  const { diffId: _, ...blob } = layer;
  const made = await writeManifest(store, {
    config: { mediaType: MEDIA.config, ...written },
    layers: [...manifest.layers, { mediaType: MEDIA.layerGzip, ...blob }],
  });
  if (request.name === undefined) store.change((images) => [...images, { manifest: made }]);
  else store.tag(request.name, made);
  return written.digest;
}

/** Variables that every container gets of its own. */
const OWN_VARIABLES: ReadonlySet<string> = new Set(["HOSTNAME", "HOME", "TERM", "container"]);

/** What the command line of the container has set. */
function ownConfig({ config }: FoundImage, { process, annotations }: Spec, state: ContainerState): object {
  const { entrypoint } = config;
  const isKept = entrypoint.length > 0 && entrypoint.every((word, index) => process.args[index] === word);
  const user = annotations[ANNOTATION.user];
  return {
    Env: process.env.filter((entry) => !OWN_VARIABLES.has(entry.slice(0, entry.indexOf("=")))),
    Cmd: isKept ? process.args.slice(entrypoint.length) : process.args,
    Entrypoint: isKept ? entrypoint : null,
    WorkingDir: process.cwd,
    ...(user !== undefined && { User: user }),
    Labels: state.labels,
  };
}
