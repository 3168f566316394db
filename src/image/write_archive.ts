/**
 * Writes images into an archive that docker, podman and skopeo read: an OCI image layout, and docker's manifest.json
 * beside it where that is wanted. The same images give the same bytes.
 *
 * Source: OCI image-spec 1.1, image-layout.md; moby, image/spec/spec.md (manifest.json).
 */

import { type Descriptor, MEDIA, readManifest } from "./manifest.ts";
import type { Bytes, ImageStore } from "./store.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "./tar_writer.ts";
import type { TarEntry } from "./tar_reader.ts";

/** An image to be written. */
export interface SavedImage {
  readonly manifest: Descriptor;
  /** In full, as many as it shall have there; each with a tag. */
  readonly names: readonly string[];
}

/** Whether manifest.json is written too. */
export interface ArchiveKind {
  readonly isDocker: boolean;
}

/** A file of an archive. */
export type ArchiveFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly blob: Descriptor };

const NAME_KEY = "org.opencontainers.image.ref.name";
/** containerd's and docker's, who have the tag alone in the other one. */
const FULL_NAME_KEY = "io.containerd.image.name";

/** Lists the files of an archive: blobs, each once, then what names them. @throws {CtrError} where a document is missing */
export function listArchiveFiles(
  store: ImageStore,
  images: readonly SavedImage[],
  { isDocker }: ArchiveKind,
): readonly ArchiveFile[] {
  const blobs = new Map<string, Descriptor>();
  for (const { manifest } of images) {
    const { config, layers } = readManifest(
      store.readDocument(manifest.digest),
      `manifest ${manifest.digest}`,
    );
    for (const blob of [...layers, config, manifest]) blobs.set(blob.digest, blob);
  }
  return [
    ...[...blobs.values()].map((blob) => ({ path: blobPath(blob), blob })),
    { path: "index.json", text: JSON.stringify(buildIndex(images)) },
    ...(isDocker
      ? [{ path: "manifest.json", text: JSON.stringify(images.map((image) => dockerEntry(store, image))) }]
      : []),
    { path: "oci-layout", text: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
  ];
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function buildIndex(images: readonly SavedImage[]): unknown {
  const manifests = images.flatMap(({ manifest: { mediaType, digest, size }, names }) => {
    const plain = { mediaType, digest, size };
    const named = names.map((name) => ({
      ...plain,
      annotations: { [FULL_NAME_KEY]: name, [NAME_KEY]: name },
    }));
    return named.length === 0 ? [plain] : named;
  });
  return { schemaVersion: 2, mediaType: MEDIA.index, manifests };
}

function dockerEntry(store: ImageStore, { manifest, names }: SavedImage): unknown {
  const { config, layers } = readManifest(store.readDocument(manifest.digest), `manifest ${manifest.digest}`);
  return { Config: blobPath(config), RepoTags: names, Layers: layers.map(blobPath) };
}

/** Streams an archive. */
export async function* writeArchive(store: ImageStore, files: readonly ArchiveFile[]): Bytes {
  for (const path of ["blobs", "blobs/sha256"]) yield encodeTarHeader(entryOf(path, "directory", 0));
  for (const file of files) {
    const text = "text" in file ? new TextEncoder().encode(file.text) : undefined;
    const size = "text" in file ? text!.length : file.blob.size;
    yield encodeTarHeader(entryOf(file.path, "file", size));
    if ("text" in file) yield text!;
    else yield* store.readBlob(file.blob.digest);
    yield tarPadding(size);
  }
  yield TAR_END;
}

function entryOf(path: string, type: "file" | "directory", size: number): TarEntry {
  return {
    path,
    type,
    mode: type === "file" ? 0o644 : 0o755,
    uid: 0,
    gid: 0,
    size,
    // When it was saved is nobody's matter: it would be another archive each time.
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: "",
    devMajor: 0,
    devMinor: 0,
    xattrs: new Map(),
  };
}
