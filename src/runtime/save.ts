/** `myctr save`: writes images into an archive, or into a directory. */

import { CtrError } from "../errors.ts";
import { parseReference } from "../image/reference.ts";
import type { Bytes, ImageStore } from "../image/store.ts";
import { type ArchiveFile, listArchiveFiles, type SavedImage, writeArchive } from "../image/write_archive.ts";
import { imageStore, maybeFindImage, noImage } from "./find_image.ts";
import { nameOf } from "./images.ts";
import { openOutput } from "./open_output.ts";

/** How images are written. */
export type SaveFormat = "docker-archive" | "oci-archive" | "oci-dir";

/** What is saved, and where to. */
export interface SaveRequest {
  /** As typed. */
  readonly images: readonly string[];
  readonly format: SaveFormat;
  /** Absent: standard output. */
  readonly path?: string;
}

/** Saves images. @throws {CtrError} where one is not there, or it can't be written; then nothing is */
export async function saveImages({ images, format, path }: SaveRequest): Promise<void> {
  const store = imageStore();
  // Nobody shall remove what is being written.
  using _held = store.hold("shared");
  const files = listArchiveFiles(store, findAll(store, images), { isDocker: format === "docker-archive" });
  if (format === "oci-dir") return await saveInto(path, store, files);
  await using output = await openOutput(path, "save the images");
  for await (const chunk of writeArchive(store, files)) output.write(chunk);
  await output.finish();
}

/** Each image once, with all names that were typed. */
function findAll(store: ImageStore, images: readonly string[]): readonly SavedImage[] {
  const found = new Map<string, SavedImage>();
  for (const typed of images) {
    const image = maybeFindImage(store, typed);
    if (image === undefined) throw noImage(store, typed);
    const name = nameOf(typed, image, store.list().map((each) => each.name));
    const before = found.get(image.manifest.digest)?.names ?? [];
    const isTagged = name !== undefined && parseReference(name).tag !== undefined;
    const names = isTagged && !before.includes(name) ? [...before, name] : before;
    found.set(image.manifest.digest, { manifest: image.manifest, names });
  }
  return [...found.values()];
}

/** A directory that is there must be empty: what is in it is not known. */
async function saveInto(
  path: string | undefined,
  store: ImageStore,
  files: readonly ArchiveFile[],
): Promise<void> {
  if (path === undefined) {
    throw new CtrError("usage", "Cannot save into a directory: none is named", {
      hint: "Name it with --output",
    });
  }
  makeEmpty(path);
  try {
    await writeFiles(path, store, files);
  } catch (error) {
    // Half of a layout is of no use: the directory is empty again.
    for (const { name } of [...Deno.readDirSync(path)]) {
      Deno.removeSync(`${path}/${name}`, { recursive: true });
    }
    throw error;
  }
}

async function writeFiles(path: string, store: ImageStore, files: readonly ArchiveFile[]): Promise<void> {
  Deno.mkdirSync(`${path}/blobs/sha256`, { recursive: true });
  for (const file of files) {
    using out = Deno.openSync(`${path}/${file.path}`, { write: true, createNew: true });
    const bytes: Bytes = "text" in file ? textOf(file.text) : store.readBlob(file.blob.digest);
    for await (const chunk of bytes) {
      for (let done = 0; done < chunk.length;) done += out.writeSync(chunk.subarray(done));
    }
  }
}

async function* textOf(text: string): Bytes {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

function makeEmpty(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
    if (Array.from(Deno.readDirSync(path)).length === 0) return;
  } catch (cause) {
    throw new CtrError("usage", `Cannot save into ${JSON.stringify(path)}: it can not be made`, {
      hint: "Name a directory that is not there, where you may write",
      cause,
    });
  }
  throw new CtrError("conflict", `Cannot save into ${JSON.stringify(path)}: it is not empty`, {
    hint: "Name a directory that is empty or not there",
  });
}
