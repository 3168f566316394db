/**
 * Where images are kept: the state root is an OCI image layout, with names in index.json and everything else in blobs by
 * its digest. What is written stands under another name until it is whole and checked, so that a command may be killed
 * at any time. Source: OCI image-spec 1.1, image-layout.md.
 */

import { awaitLock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { notePassed } from "./collect.ts";
import { type Descriptor, imageError, MEDIA, readIndex } from "./manifest.ts";
import { isDigest } from "./reference.ts";

/** The annotation of a manifest in index.json that has its name. */
const NAME_KEY = "org.opencontainers.image.ref.name";
/** The annotation that has {@link NamedImage.taggedDigest}. */
const TAGGED_KEY = "dev.myctr.tagged-digest";
/** A manifest or a configuration that is larger is none. */
export const MAX_DOCUMENT = 4 * 1024 * 1024;
const PREFIX = "sha256:";
const PIECE = 128 * 1024;

/** An image in index.json. */
export interface NamedImage {
  /** As fullName() of reference.ts makes it; absent for one that lost its name. */
  readonly name?: string;
  readonly manifest: Descriptor;
  /** What a registry has under the name, where that is not the manifest but a list of which it is one. */
  readonly taggedDigest?: string;
}

/** A stream of bytes. */
export type Bytes = AsyncIterable<Uint8Array<ArrayBuffer>>;

/** A digest in the making. */
export interface Digester {
  update(bytes: Uint8Array): void;
  /** Gives `sha256:` and 64 digits; once. */
  finish(): string;
}

/** Begins a digest. The module behind it costs some milliseconds to load: only what writes needs it. */
export async function startDigest(): Promise<Digester> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => `${PREFIX}${hash.digest("hex")}`,
  };
}

/** Reads a file, in pieces. A disk is read sooner than a thread is asked to do so. */
export async function* readPieces(path: string): Bytes {
  using file = await Deno.open(path);
  while (true) {
    const piece = new Uint8Array(PIECE);
    const length = file.readSync(piece);
    if (length === null) return;
    yield piece.subarray(0, length);
    notePassed(length);
  }
}

/** The images of one state root. */
export class ImageStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get layersDirectory(): string {
    return `${this.root}/layers`;
  }

  /** Where a blob is. @throws {TypeError} for what is no digest: it must not become a path */
  blobPath(digest: string): string {
    if (!isDigest(digest)) throw new TypeError(`${digest} is no digest`);
    return `${this.root}/blobs/sha256/${digest.slice(PREFIX.length)}`;
  }

  hasBlob(digest: string): boolean {
    return isFileThere(this.blobPath(digest));
  }

  /** Reads a manifest or a configuration. @throws {CtrError} code "not_found" where it is not there */
  readDocument(digest: string): string {
    try {
      const path = this.blobPath(digest);
      if (Deno.statSync(path).size > MAX_DOCUMENT) throw imageError(digest, "it is too large for a document");
      return Deno.readTextFileSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new CtrError("not_found", `Cannot read ${digest}: the store of images does not have it`, {
        hint: "Remove the image that needs it, and get it again",
      });
    }
  }

  /** Reads a blob, in pieces. */
  readBlob(digest: string): Bytes {
    return readPieces(this.blobPath(digest));
  }

  /** Lists the images, in the order in which they got their names. */
  list(): readonly NamedImage[] {
    let text: string;
    try {
      text = Deno.readTextFileSync(`${this.root}/index.json`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
    return readIndex(text, `${this.root}/index.json`).map((manifest) => {
      const { [NAME_KEY]: name, [TAGGED_KEY]: taggedDigest } = manifest.annotations ?? {};
      return {
        manifest,
        ...(name !== undefined && { name }),
        ...(taggedDigest !== undefined && { taggedDigest }),
      };
    });
  }

  /** Changes the list; nobody else does meanwhile. What was in it before is the result. */
  change(make: (images: readonly NamedImage[]) => readonly NamedImage[]): readonly NamedImage[] {
    using _lock = this.lock();
    const before = this.list();
    const manifests = make(before).map(({ manifest: { annotations: _, ...manifest }, ...named }) => ({
      ...manifest,
      ...annotationsOf(named),
    }));
    const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests };
    this.#replace("index.json", JSON.stringify(index));
    return before;
  }

  /** Gives a manifest a name; an image that had it before keeps none. */
  tag(name: string, manifest: Descriptor, { taggedDigest }: Pick<NamedImage, "taggedDigest"> = {}): void {
    this.change((images) => {
      const isSame = (image: NamedImage) => image.manifest.digest === manifest.digest;
      const others = images.filter((image) =>
        image.name !== name && !(isSame(image) && image.name === undefined)
      );
      const lost = images.filter((image) => image.name === name && !isSame(image)).map((image) =>
        image.manifest
      )
        .filter(({ digest }) => !others.some((image) => image.manifest.digest === digest));
      return [...others, ...lost.map((each) => ({ manifest: each })), {
        name,
        manifest,
        ...(taggedDigest !== undefined && { taggedDigest }),
      }];
    });
  }

  /** Keeps others from changing the list until it is disposed of. */
  lock(): Fd {
    this.#prepare();
    const flags = O.O_RDWR | O.O_CREAT;
    const fd = unwrap(openPath(`${this.root}/images.lock`, { flags, mode: 0o600 }), "open images.lock");
    awaitLock(fd.number, "exclusive");
    return fd;
  }

  /**
   * Keeps what has no name yet from being removed, until it is disposed of: whoever adds an image shares this, and who
   * removes one has it alone.
   */
  hold(operation: "shared" | "exclusive"): Fd {
    const fd = this.openHold();
    awaitLock(fd.number, operation);
    return fd;
  }

  /** Opens what {@link hold} locks. */
  openHold(): Fd {
    this.#prepare();
    const flags = O.O_RDONLY | O.O_DIRECTORY;
    return unwrap(openPath(this.layersDirectory, { flags }), "open the directory of layers");
  }

  /** Writes a blob; with `expected`, only what has that digest and size. @throws {CtrError} code "usage" where it has not */
  async writeBlob(
    stream: Bytes,
    expected?: { readonly digest: string; readonly size?: number; readonly what: string },
  ): Promise<{ readonly digest: string; readonly size: number }> {
    this.#prepare();
    const path = await Deno.makeTempFile({ dir: `${this.root}/blobs`, prefix: ".new-" });
    try {
      const written = await this.#fill(path, stream, expected?.size);
      if (expected !== undefined && written.digest !== expected.digest) {
        throw imageError(expected.what, `its digest is ${written.digest}, not ${expected.digest}`);
      }
      if (expected?.size !== undefined && written.size !== expected.size) {
        throw imageError(expected.what, `it has ${written.size} bytes, not ${expected.size}`);
      }
      await Deno.rename(path, this.blobPath(written.digest));
      return written;
    } catch (error) {
      await Deno.remove(path).catch(() => {});
      throw error;
    }
  }

  /** Writes a document. */
  async writeText(text: string): Promise<{ readonly digest: string; readonly size: number }> {
    return await this.writeBytes(new TextEncoder().encode(text));
  }

  /** Writes a small blob. */
  async writeBytes(
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly digest: string; readonly size: number }> {
    return await this.writeBlob((async function* () {
      await Promise.resolve();
      yield bytes;
    })());
  }

  async #fill(
    path: string,
    stream: Bytes,
    most = Infinity,
  ): Promise<{ readonly digest: string; readonly size: number }> {
    const digester = await startDigest();
    using file = await Deno.open(path, { write: true });
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      // A body that never ends must not fill the disk: what is too long has the wrong size anyway.
      if (size > most) break;
      digester.update(chunk);
      for (let done = 0; done < chunk.length;) done += file.writeSync(chunk.subarray(done));
      notePassed(chunk.length);
    }
    file.syncDataSync();
    return { digest: digester.finish(), size };
  }

  /** Makes what is missing of the layout. */
  #prepare(): void {
    for (const directory of ["blobs/sha256", "layers"]) {
      Deno.mkdirSync(`${this.root}/${directory}`, { recursive: true, mode: 0o700 });
    }
    const layout = `${this.root}/oci-layout`;
    if (isFileThere(layout)) return;
    try {
      this.#replace("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    } catch (error) {
      // Another one that begins at the same time has just put it there.
      if (!(error instanceof Deno.errors.NotFound && isFileThere(layout))) throw error;
    }
  }

  #replace(name: string, text: string): void {
    const path = `${this.root}/${name}`;
    // The lock keeps others away from it; but not from one that was killed before it came to its name.
    Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o600 });
    Deno.renameSync(`${path}.new`, path);
  }
}

function isFileThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function annotationsOf(
  { name, taggedDigest }: Omit<NamedImage, "manifest">,
): { readonly annotations?: Readonly<Record<string, string>> } {
  if (name === undefined) return {};
  return {
    annotations: { [NAME_KEY]: name, ...(taggedDigest !== undefined && { [TAGGED_KEY]: taggedDigest }) },
  };
}
