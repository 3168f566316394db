/** `myctr import` and `myctr load`: makes images out of archives. */

import { CtrError } from "../errors.ts";
import { asLayer, type Compression } from "../image/decompress.ts";
import { MEDIA } from "../image/manifest.ts";
import { platformOf } from "../image/platform.ts";
import { type ArchiveSource, readArchive, writeManifest } from "../image/read_archive.ts";
import type { Bytes, ImageStore } from "../image/store.ts";
import { adding } from "./adding.ts";
import { layerName, readImage } from "./find_image.ts";
import { note } from "./note.ts";
import { unpackLayers } from "./unpack_image.ts";

/** What of an image's configuration `--change` sets, as docker names it. */
export interface ConfigChange {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
}

/** How an image is made of the files of a root directory. */
export interface ImportRequest {
  /** In full; absent for one without a name. */
  readonly name?: string;
  readonly message?: string;
  readonly change: ConfigChange;
}

/** Opens an archive: a file, a directory, or standard input for `-`. @throws {CtrError} code "not_found" */
export async function openArchive(path: string): Promise<ArchiveSource> {
  if (path === "-") return { stream: Deno.stdin.readable };
  try {
    if ((await Deno.stat(path)).isDirectory) return { directory: path };
    return { stream: (await Deno.open(path)).readable };
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "it does not exist" : "it can not be read";
    throw new CtrError("not_found", `Cannot read archive ${JSON.stringify(path)}: ${why}`, {
      hint: "Write the path of an archive, or - for standard input",
      cause,
    });
  }
}

/** Makes an image of one layer; gives its id. */
export async function importImage(source: ArchiveSource, request: ImportRequest): Promise<string> {
  if ("directory" in source) {
    const path = source.directory;
    throw new CtrError("usage", `Cannot read archive ${JSON.stringify(path)}: it is a directory`, {
      hint: `Pack it first: tar -C ${path} -c . | myctr import - NAME`,
    });
  }
  return await adding((store) => makeImage(store, source.stream, request));
}

async function makeImage(
  store: ImageStore,
  stream: Bytes,
  { name, message, change }: ImportRequest,
): Promise<string> {
  const { kind, bytes } = await asLayer(stream);
  const layer = await store.writeBlob(bytes);
  const [facts] = await unpackLayers([{ digest: layer.digest }]);
  if (facts!.entries === 0) throw emptyArchive();
  tellWrapped(`${store.layersDirectory}/${layerName(facts!.diffId)}`);
  const created = new Date().toISOString();
  const config = {
    created,
    ...platformOf(Deno.build.arch),
    config: change,
    rootfs: { type: "layers", diff_ids: [facts!.diffId] },
    history: [{ created, created_by: "myctr import", ...(message !== undefined && { comment: message }) }],
  };
  const written = await store.writeText(JSON.stringify(config));
  const manifest = await writeManifest(store, {
    config: { mediaType: MEDIA.config, ...written },
    layers: [{ mediaType: LAYER_TYPES[kind] ?? MEDIA.layer, ...layer }],
  });
  if (name === undefined) store.change((images) => [...images, { manifest }]);
  else store.tag(name, manifest);
  return written.digest;
}

/** Some distributions put their root into a directory: Arch's bootstrap archive has root.x86_64. */
function tellWrapped(directory: string): void {
  const [only, ...more] = Array.from(Deno.readDirSync(directory));
  if (only === undefined || more.length > 0 || !only.isDirectory || ROOT_NAMES.has(only.name)) return;
  note(
    `all of the archive lies in one directory, "${only.name}", which is no root: ` +
      `pack what is in it, as in tar -C ${only.name} -c . | myctr import - NAME`,
  );
}

/** What alone could be a root, of a program that needs nothing else. */
const ROOT_NAMES: ReadonlySet<string> = new Set(["bin", "usr", "etc", "app", "opt", "srv"]);

function emptyArchive(): CtrError {
  return new CtrError("usage", "Cannot import the archive: there are no files in it", {
    hint: "Check that it was made of a root directory: tar -C DIR -c .",
  });
}

const LAYER_TYPES: Readonly<Partial<Record<Compression, string>>> = {
  gzip: MEDIA.layerGzip,
  zstd: MEDIA.layerZstd,
};

/** An image that was loaded: its names, or its id where it has none. */
export interface LoadedImage {
  readonly id: string;
  readonly names: readonly string[];
}

/** Takes in all images of an archive, and unpacks them. */
export async function loadImages(source: ArchiveSource): Promise<readonly LoadedImage[]> {
  return await adding((store) => loadAll(store, source));
}

async function loadAll(store: ImageStore, source: ArchiveSource): Promise<readonly LoadedImage[]> {
  const loaded: LoadedImage[] = [];
  for (const { manifest, names } of await readArchive(store, source, platformOf(Deno.build.arch))) {
    const image = readImage(store, manifest);
    await unpackLayers(image.layers.map(({ blob, diffId }) => ({ digest: blob.digest, diffId })));
    for (const name of names) store.tag(name, manifest);
    if (names.length === 0) {
      store.change((images) =>
        images.some((each) => each.manifest.digest === manifest.digest) ? images : [...images, { manifest }]
      );
    }
    loaded.push({ id: image.id, names });
  }
  return loaded;
}
