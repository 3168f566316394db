/**
 * Reads archives that hold images, as `docker save`, `podman save` and `skopeo copy` write them, into the store: an OCI
 * image layout in a tar, or docker's older form. Both may be compressed.
 *
 * Source: OCI image-spec 1.1, image-layout.md; moby, image/spec/spec.md, "Combined Image JSON + Filesystem Changeset
 * Format" (manifest.json).
 */

import { CtrError } from "../errors.ts";
import { decompress } from "./decompress.ts";
import {
  type Descriptor,
  imageError,
  isIndex,
  MEDIA,
  type Platform,
  readImageConfig,
  readIndex,
  readManifest,
} from "./manifest.ts";
import { choosePlatform, renderPlatform } from "./platform.ts";
import { fullName, parseReference } from "./reference.ts";
import { type Bytes, type ImageStore, readPieces } from "./store.ts";
import { TarReader } from "./tar_reader.ts";

/** An image of an archive, whose blobs are in the store now. */
export interface ArchivedImage {
  readonly manifest: Descriptor;
  /** Names in full, as many as it has there. */
  readonly names: readonly string[];
}

/** A manifest.json or index.json that is larger is none. */
const MAX_DOCUMENT = 4 * 1024 * 1024;
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;
const NAME_KEYS = ["io.containerd.image.name", "org.opencontainers.image.ref.name"] as const;

/** Files of an archive: documents by name, and blobs that were written to the store, by name too. */
interface Contents {
  readonly documents: ReadonlyMap<string, string>;
  readonly blobs: ReadonlyMap<string, { readonly digest: string; readonly size: number }>;
}

/** An archive, or a directory that has the same files. */
export type ArchiveSource = { readonly stream: Bytes } | { readonly directory: string };

/** Takes all images of an archive into the store, without names. @throws {CtrError} for what is no such archive */
export async function readArchive(
  store: ImageStore,
  source: ArchiveSource,
  platform: Platform,
): Promise<readonly ArchivedImage[]> {
  const files = "stream" in source ? filesOfArchive(source.stream) : filesOfDirectory(source.directory);
  const contents = await readContents(store, files);
  const { documents } = contents;
  if (documents.has("index.json")) {
    return readLayout(store, documents.get("index.json")!, { contents, platform });
  }
  if (documents.has("manifest.json")) return await readDocker(store, contents);
  throw new CtrError("usage", "Cannot load the archive: it holds no image", {
    hint: 'It has neither index.json nor manifest.json. For the files of a root directory: "myctr import"',
  });
}

/** A file, or a link to one, as it is met. */
interface FoundFile {
  readonly path: string;
  /** The path that a link leads to. */
  readonly target?: string;
  readonly data: Bytes;
}

/** Old archives have a layer that several images share once, and links to it. */
async function readContents(store: ImageStore, files: AsyncIterable<FoundFile>): Promise<Contents> {
  const documents = new Map<string, string>();
  const blobs = new Map<string, { readonly digest: string; readonly size: number }>();
  const links = new Map<string, string>();
  for await (const { path, target, data } of files) {
    if (target !== undefined) links.set(path, target);
    else if (/^[^/]*\.json$/.test(path) && !/^[0-9a-f]{64}\.json$/.test(path)) {
      documents.set(path, await readText(data, path));
    } else {
      const digits = BLOB.exec(path)?.[1];
      const expected = digits === undefined
        ? undefined
        : { digest: `sha256:${digits}`, what: `blob ${path}` };
      blobs.set(path, await store.writeBlob(data, expected));
    }
  }
  for (const [path, target] of links) {
    const blob = blobs.get(target);
    if (blob !== undefined) blobs.set(path, blob);
  }
  return { documents, blobs };
}

async function* filesOfArchive(stream: Bytes): AsyncGenerator<FoundFile> {
  const reader = new TarReader(decompress(stream));
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    const path = cleanPath(entry.path);
    const isLink = entry.type === "symlink" || entry.type === "hardlink";
    if (isLink) yield { path, target: linkTarget(path, entry), data: dataOf(reader) };
    else if (entry.type === "file") yield { path, data: dataOf(reader) };
  }
}

/** Of a layout: what else is in the directory is none of our matter. */
async function* filesOfDirectory(directory: string): AsyncGenerator<FoundFile> {
  for (const folder of ["", "blobs/sha256/"]) {
    for await (const { name, isFile } of entriesOf(`${directory}/${folder}`)) {
      const isWanted = isFile && (folder !== "" || name.endsWith(".json"));
      if (isWanted) yield { path: `${folder}${name}`, data: readPieces(`${directory}/${folder}${name}`) };
    }
  }
}

async function* entriesOf(directory: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(directory);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function cleanPath(path: string): string {
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/");
}

function linkTarget(
  path: string,
  { type, linkName }: { readonly type: string; readonly linkName: string },
): string {
  if (type === "hardlink") return cleanPath(linkName);
  const parts = path.split("/").slice(0, -1);
  for (const part of linkName.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

async function* dataOf(reader: TarReader): Bytes {
  for (let part = await reader.read(); part !== undefined; part = await reader.read()) yield part;
}

async function readText(data: Bytes, what: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const part of data) {
    size += part.length;
    if (size > MAX_DOCUMENT) throw imageError(what, "it is too large for a document");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

interface Wanted {
  readonly contents: Contents;
  readonly platform: Platform;
}

function readLayout(store: ImageStore, text: string, wanted: Wanted): readonly ArchivedImage[] {
  const images = new Map<string, ArchivedImage>();
  for (const descriptor of readIndex(text, "index.json")) {
    const manifest = chooseManifest(store, descriptor, wanted);
    refuseMissing(store, readManifest(store.readDocument(manifest.digest), `manifest ${manifest.digest}`));
    const names = [...images.get(manifest.digest)?.names ?? [], ...namesOf(descriptor)];
    images.set(manifest.digest, { manifest, names });
  }
  return [...images.values()];
}

/** One of a list of manifests is that of this machine. */
function chooseManifest(
  store: ImageStore,
  descriptor: Descriptor,
  { platform }: Wanted,
  depth = 0,
): Descriptor {
  const { digest, size, mediaType } = descriptor;
  if (!isIndex(mediaType)) return { mediaType: mediaType || MEDIA.manifest, digest, size };
  if (depth > 2) throw imageError(digest, "it is a list of lists");
  const all = readIndex(store.readDocument(digest), `list ${digest}`);
  const fits = choosePlatform(all, platform);
  if (fits !== undefined) return chooseManifest(store, fits, { platform } as Wanted, depth + 1);
  throw imageError(digest, `it has nothing for ${renderPlatform(platform)}`);
}

/** Names that are none are left out: some programs write a tag alone. */
function namesOf({ annotations = {} }: Descriptor): readonly string[] {
  for (const key of NAME_KEYS) {
    const name = annotations[key];
    if (name === undefined || !/[/:]/.test(name)) continue;
    try {
      return [fullName(parseReference(name))];
    } catch {
      // The next one may be a name.
    }
  }
  return [];
}

function refuseMissing(store: ImageStore, { config, layers }: ReturnType<typeof readManifest>): void {
  for (const { digest } of [config, ...layers]) {
    if (!store.hasBlob(digest)) throw imageError("the archive", `${digest} is missing in it`);
  }
}

interface DockerImage {
  readonly Config?: unknown;
  readonly RepoTags?: unknown;
  readonly Layers?: unknown;
}

async function readDocker(
  store: ImageStore,
  { documents, blobs }: Contents,
): Promise<readonly ArchivedImage[]> {
  let list: unknown;
  try {
    list = JSON.parse(documents.get("manifest.json")!);
  } catch {
    throw imageError("manifest.json", "it is no JSON");
  }
  if (!Array.isArray(list)) throw imageError("manifest.json", "it is no list");
  const images: ArchivedImage[] = [];
  for (const { Config, RepoTags, Layers } of list as readonly DockerImage[]) {
    const blob = (path: unknown) => {
      const found = typeof path === "string" ? blobs.get(cleanPath(path)) : undefined;
      if (found !== undefined) return found;
      throw imageError("the archive", `${JSON.stringify(path)} is missing in it`);
    };
    const config = { mediaType: MEDIA.config, ...blob(Config) };
    const layers = (Array.isArray(Layers) ? Layers : []).map((path) => ({
      mediaType: MEDIA.layer,
      ...blob(path),
    }));
    // That it is a configuration shows now, and not when it is run.
    readImageConfig(store.readDocument(config.digest), String(Config));
    const names = (Array.isArray(RepoTags) ? RepoTags : []).map((name) =>
      fullName(parseReference(String(name)))
    );
    images.push({ manifest: await writeManifest(store, { config, layers }), names });
  }
  return images;
}

/** Writes a manifest of parts that are in the store. */
export async function writeManifest(
  store: ImageStore,
  { config, layers }: { readonly config: Descriptor; readonly layers: readonly Descriptor[] },
): Promise<Descriptor> {
  const text = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.manifest, config, layers });
  return { mediaType: MEDIA.manifest, ...await store.writeText(text) };
}
