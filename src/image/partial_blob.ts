/**
 * A blob on its way from a registry. What has come of it stays when the connection or the process ends, for the next one
 * who wants the blob; two who want it at the same time get it once.
 */

import { lock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { notePassed } from "./collect.ts";
import { type Descriptor, imageError } from "./manifest.ts";
import { type Digester, type ImageStore, startDigest } from "./store.ts";

const PIECE = 128 * 1024;

/** Begins the names of such files. */
export const PARTIAL = ".part-";

/** Where bytes of a blob are put, in their order. */
export class PartialBlob implements Disposable {
  readonly #store: ImageStore;
  readonly #wanted: Descriptor;
  readonly #path: string;
  readonly #lock: Fd;
  readonly #file: Deno.FsFile;
  #digester: Digester;
  #received = 0;

  private constructor(
    store: ImageStore,
    wanted: Descriptor,
    open: {
      readonly path: string;
      readonly lock: Fd;
      readonly file: Deno.FsFile;
      readonly digester: Digester;
    },
  ) {
    this.#store = store;
    this.#wanted = wanted;
    this.#path = open.path;
    this.#lock = open.lock;
    this.#file = open.file;
    this.#digester = open.digester;
  }

  /** Waits until nobody else fetches it; undefined where the blob is there then. */
  static async open(store: ImageStore, wanted: Descriptor): Promise<PartialBlob | undefined> {
    const path = `${store.root}/blobs/${PARTIAL}${wanted.digest.slice(wanted.digest.indexOf(":") + 1)}`;
    while (!store.hasBlob(wanted.digest)) {
      const flags = O.O_RDWR | O.O_CREAT;
      const fd = unwrap(openPath(path, { flags, mode: 0o600 }), "open a partial blob");
      unwrap(await lock(fd.number, "exclusive"), "lock a partial blob");
      // Who had the lock before may have finished the file, or thrown it away.
      if (isStill(path, fd)) {
        const file = await Deno.open(path, { read: true, write: true });
        const partial = new PartialBlob(store, wanted, {
          path,
          lock: fd,
          file,
          digester: await startDigest(),
        });
        partial.#readBefore();
        return partial;
      }
      fd[Symbol.dispose]();
    }
    return undefined;
  }

  /** Bytes that are there. */
  get received(): number {
    return this.#received;
  }

  get isWhole(): boolean {
    return this.#received === this.#wanted.size;
  }

  /** Adds bytes. @throws {CtrError} code "usage" for more of them than the blob has */
  write(bytes: Uint8Array): void {
    // A body that never ends must not fill the disk.
    if (this.#received + bytes.length > this.#wanted.size) {
      throw imageError(this.#wanted.digest, `it has more than ${this.#wanted.size} bytes`);
    }
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    this.#digester.update(bytes);
    this.#received += bytes.length;
    notePassed(bytes.length);
  }

  /** Forgets what has come. */
  async restart(): Promise<void> {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#digester = await startDigest();
    this.#received = 0;
  }

  /** Puts the blob in its place. @throws {CtrError} code "usage" where it is another one */
  finish(): void {
    const { digest } = this.#wanted;
    const found = this.#digester.finish();
    if (found !== digest) throw imageError(digest, `what came has the digest ${found}`);
    this.#file.syncDataSync();
    Deno.renameSync(this.#path, this.#store.blobPath(digest));
  }

  /** Removes what has come. */
  discard(): void {
    Deno.removeSync(this.#path);
  }

  [Symbol.dispose](): void {
    this.#file.close();
    this.#lock[Symbol.dispose]();
  }

  #readBefore(): void {
    const piece = new Uint8Array(PIECE);
    for (let count = this.#file.readSync(piece); count !== null; count = this.#file.readSync(piece)) {
      this.#digester.update(piece.subarray(0, count));
      this.#received += count;
    }
    if (this.#received > this.#wanted.size) {
      throw imageError(this.#wanted.digest, "more than all of it is there");
    }
  }
}

function isStill(path: string, fd: Fd): boolean {
  try {
    const [named, open] = [Deno.statSync(path), Deno.statSync(`/proc/self/fd/${fd.number}`)];
    return named.ino === open.ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
