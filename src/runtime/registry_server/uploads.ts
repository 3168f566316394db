/**
 * What is being pushed and belongs to no image yet: files in a directory that goes with this process, or with the next
 * sweep. The store itself gets nothing before the manifest has come.
 */

import { tryLock } from "../../../ffi/descriptor.ts";
import type { Fd } from "../../../ffi/fd.ts";
import { openPath } from "../../../ffi/file.ts";
import { O } from "../../../ffi/machine.ts";
import { unwrap } from "../../../ffi/outcome.ts";
import { type ImageStore, startDigest } from "../../image/store.ts";
import { Refusal } from "./refusal.ts";
import { uploadsOf } from "./sweep_uploads.ts";
import { removeIfThere, Upload } from "./upload.ts";

/** How much may be kept for those who push. */
export interface UploadLimits {
  /** At the same time. */
  readonly uploads: number;
  /** Bytes of one blob. */
  readonly blob: number;
  /** What nobody has touched for so long is removed. */
  readonly idleMs: number;
}

export const UPLOAD_LIMITS: UploadLimits = { uploads: 64, blob: 64 * 1024 ** 3, idleMs: 10 * 60 * 1000 };

/** A blob that has come, and is as it should be. */
interface Finished {
  readonly path: string;
  readonly size: number;
  usedMs: number;
}

/** All uploads of this process. */
export class UploadArea implements Disposable {
  readonly #directory: string;
  readonly #lock: Fd;
  readonly #limits: UploadLimits;
  readonly #uploads = new Map<string, Upload>();
  readonly #finished = new Map<string, Finished>();

  private constructor(directory: string, lock: Fd, limits: UploadLimits) {
    this.#directory = directory;
    this.#lock = lock;
    this.#limits = limits;
  }

  /** Opens one of its own. Nobody sweeps before it is locked. */
  static open(store: ImageStore, limits: UploadLimits = UPLOAD_LIMITS): UploadArea {
    using _held = store.hold("shared");
    const directory = `${uploadsOf(store)}/${crypto.randomUUID()}`;
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = unwrap(openPath(directory, { flags: O.O_RDONLY | O.O_DIRECTORY }), "open uploads");
    unwrap(tryLock(lock.number, "exclusive"), "lock uploads");
    return new UploadArea(directory, lock, limits);
  }

  /** Begins an upload. @throws {Refusal} where there are too many */
  async begin(repository: string): Promise<Upload> {
    const digester = await startDigest();
    if (this.#uploads.size >= this.#limits.uploads) {
      throw new Refusal(429, "TOOMANYREQUESTS", `${this.#limits.uploads} uploads have not ended yet`);
    }
    const upload = new Upload({ directory: this.#directory, repository, digester, limit: this.#limits.blob });
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** Finds an upload. @throws {Refusal} */
  find(id: string, repository: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload?.repository === repository) return upload;
    throw new Refusal(
      404,
      "BLOB_UPLOAD_UNKNOWN",
      "there is no such upload: it has ended, or nobody has used it for long",
    );
  }

  /** Ends an upload that shall have a digest. @throws {Refusal} where it has another one; nothing is left of it then */
  finish(upload: Upload, digest: string): void {
    this.#uploads.delete(upload.id);
    const found = upload.finish();
    if (found !== digest) {
      upload.discard();
      throw new Refusal(400, "DIGEST_INVALID", `what came has the digest ${found}`);
    }
    const path = `${this.#directory}/${digest.slice("sha256:".length)}`;
    Deno.renameSync(upload.path, path);
    this.#finished.set(digest, { path, size: upload.size, usedMs: Date.now() });
  }

  /** Ends an upload, and removes what has come. */
  discard(upload: Upload): void {
    this.#uploads.delete(upload.id);
    upload.discard();
  }

  /** Path and size of a blob that has come; undefined where none has. */
  blob(digest: string): { readonly path: string; readonly size: number } | undefined {
    const found = this.#finished.get(digest);
    if (found !== undefined) found.usedMs = Date.now();
    return found;
  }

  /** Removes blobs that are in the store now. */
  forget(digests: readonly string[]): void {
    for (const digest of digests) {
      const found = this.#finished.get(digest);
      this.#finished.delete(digest);
      if (found !== undefined) removeIfThere(found.path);
    }
  }

  /** Removes what nobody has touched for long. */
  expire(nowMs: number): void {
    const end = nowMs - this.#limits.idleMs;
    for (const upload of [...this.#uploads.values()]) if (upload.usedMs < end) this.discard(upload);
    this.forget([...this.#finished].filter(([, { usedMs }]) => usedMs < end).map(([digest]) => digest));
  }

  [Symbol.dispose](): void {
    for (const upload of [...this.#uploads.values()]) this.discard(upload);
    Deno.removeSync(this.#directory, { recursive: true });
    this.#lock[Symbol.dispose]();
  }
}
