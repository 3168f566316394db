/** A step of a build: a command, or files that come in, and the layer that is made of what they leave. */

import { openPipe } from "../../ffi/descriptor.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { Bytes } from "../image/store.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import type { RunRequest } from "../spec/request.ts";
import { ANNOTATION } from "../spec/types.ts";
import { bytesOf, writeToPipe } from "./archive_pipe.ts";
import { mountPlaces } from "./container_root.ts";
import { createContainer, type HeldContainer, makeLayers, removeFiles } from "./container_store.ts";
import { VERSION } from "./container_state.ts";
import { type FilesTask, type LayerOptions, type MadeLayer, makeLayer, type Owner } from "./files_worker.ts";
import { newId } from "./new_id.ts";
import { prepareOn } from "./prepare.ts";
import { imageRoot, type MountedRoot, workOnFiles } from "./root_view.ts";
import type { Source } from "./source_files.ts";
import { followContainer, type RunEnd } from "./start_container.ts";
import { unpackLayers } from "./unpack_image.ts";

/** What every step's request has in common. */
const REQUEST = {
  rootfsTmpfs: false,
  replace: false,
  remove: true,
  detach: false,
  logDriver: "none",
  interactive: false,
  init: false,
  envFiles: [],
  addedHosts: [],
  nameServers: [],
  searchDomains: [],
  resolverOptions: [],
  readOnly: false,
  mounts: [],
  privileged: false,
  capAdd: [],
  capDrop: [],
  labels: {},
  labelFiles: [],
  annotations: {},
  dryRun: false,
  explain: false,
} as const satisfies Partial<RunRequest>;

/** What of a command's request is its own. */
export type StepRequest =
  & Pick<RunRequest, "command" | "env" | "network">
  & Partial<Pick<RunRequest, "mounts" | "addedHosts" | "ulimits" | "shmSize">>
  & { readonly isQuiet: boolean }
  & Pick<LayerOptions, "latest">;

/** How a command ended, and what it left where it ended well. */
export interface RanStep {
  readonly end: RunEnd;
  readonly layer?: MadeLayer;
}

/** Runs a command on the layers of an image. @throws {CtrError} where it does not come to run */
export async function runStep(
  image: ImageDefaults,
  { isQuiet, latest, ...request }: StepRequest,
): Promise<RanStep> {
  const prepared = await prepareOn(image, { ...REQUEST, ...request, image: "build" });
  const { spec } = prepared;
  using container = createContainer(prepared.id, undefined);
  const state = {
    version: VERSION,
    id: prepared.id,
    name: container.name,
    image: "build",
    command: spec.process.args,
    createdMs: Date.now(),
    isRemovedAtExit: true,
    labels: {},
  } as const;
  const asked = { explain: false } as const;
  // Of no stream but the one that has nothing.
  const stay = isQuiet ? { stay: { attach: ["stdin"] } as const } : {};
  const end = await followContainer({ prepared, container, state, isNew: true, asked, ...stay }, () => {});
  using _removed = removing(container);
  if (end.exitCode !== 0) return { end };
  const options = {
    upper: upperOf(container),
    places: mountPlaces(spec),
    latest,
  };
  // Root's files have their own ids on the disk: no other process need read them.
  const layer = Deno.uid() === 0
    ? await makeLayer(options)
    : await workOnFiles<MadeLayer>(imageRootOf(image), { do: "layer", ...options });
  return { end, layer: await keep(layer) };
}

/** Puts files into a directory of an image's root, which is made where it is missing. */
export async function copyStep(
  image: ImageDefaults,
  { path, owner, archive, latest }:
    & { readonly path: string; readonly owner: Owner; readonly archive: Bytes }
    & Pick<LayerOptions, "latest">,
): Promise<MadeLayer> {
  using container = createContainer(newId(), undefined);
  // What it is held for is this process alone.
  container.turn[Symbol.dispose]();
  using _removed = removing(container);
  makeLayers(container.directory);
  const root: MountedRoot = {
    spec: {
      root: { path: image.layersDirectory, readonly: false },
      annotations: { [ANNOTATION.root]: "overlay", [ANNOTATION.layers]: image.layers.join(":") },
    },
    containerDirectory: container.directory,
  };
  using pipe = unwrap(openPipe(O.O_CLOEXEC), "make a pipe");
  const task: FilesTask = {
    do: "receive",
    path,
    owner,
    upper: upperOf(container),
    places: [],
    latest,
  };
  const [worked, packed] = await Promise.allSettled([
    workOnFiles<MadeLayer>(root, task, { stdin: pipe.reader })
      .finally(() => pipe.reader[Symbol.dispose]()),
    writeToPipe(pipe.writer, archive),
  ]);
  if (worked.status === "rejected") throw worked.reason;
  if (packed.status === "rejected") throw packed.reason;
  return await keep(worked.value);
}

function removing({ id }: HeldContainer): Disposable {
  return { [Symbol.dispose]: () => void removeFiles(id) };
}

function upperOf({ directory }: HeldContainer): string {
  return `${directory}/layers/upper`;
}

function imageRootOf({ layersDirectory, layers }: ImageDefaults): MountedRoot {
  return imageRoot(layersDirectory, layers);
}

async function keep(layer: MadeLayer): Promise<MadeLayer> {
  await unpackLayers([layer]);
  return layer;
}

/** Finds sources in an image's root, a list for each pattern. */
export async function matchInImage(
  image: ImageDefaults,
  patterns: readonly string[],
): Promise<readonly (readonly Source[])[]> {
  return await workOnFiles(imageRootOf(image), { do: "match", patterns });
}

/** Streams sources of an image's root. */
export async function* packFromImage(
  image: ImageDefaults,
  what: Omit<Extract<FilesTask, { readonly do: "packSources" }>, "do">,
): Bytes {
  using pipe = unwrap(openPipe(O.O_CLOEXEC), "make a pipe");
  const worked = workOnFiles(imageRootOf(image), { do: "packSources", ...what }, { stdout: pipe.writer })
    .finally(() => pipe.writer[Symbol.dispose]());
  worked.catch(() => {});
  yield* bytesOf(pipe.reader);
  await worked;
}

/** Reads a small text file of an image's root; "" where there is none. */
export async function readFromImage(image: ImageDefaults, path: string): Promise<string> {
  return await workOnFiles(imageRootOf(image), { do: "read", path });
}
