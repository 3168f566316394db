/** A blob that is being pushed. */

import type { Digester } from "../../image/store.ts";
import { Refusal } from "./refusal.ts";

/** A blob that is on its way. */
export class Upload {
  readonly id: string = crypto.randomUUID();
  /** Of the repository that it is for. */
  readonly repository: string;
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #digester: Digester;
  readonly #limit: number;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #size = 0;
  #isOver = false;
  usedMs: number = Date.now();

  constructor(
    { directory, repository, digester, limit }: {
      readonly directory: string;
      readonly repository: string;
      readonly digester: Digester;
      readonly limit: number;
    },
  ) {
    this.repository = repository;
    this.path = `${directory}/${this.id}`;
    this.#file = Deno.openSync(this.path, { createNew: true, write: true, mode: 0o600 });
    this.#digester = digester;
    this.#limit = limit;
  }

  /** Bytes that have come. */
  get size(): number {
    return this.#size;
  }

  /** Adds a body. Where it breaks off, what has come stays. @throws {Refusal} */
  async append(body: ReadableStream<Uint8Array> | null): Promise<void> {
    if (this.#reader !== undefined) {
      throw new Refusal(400, "BLOB_UPLOAD_INVALID", "another request is writing to this upload");
    }
    if (body === null) return;
    this.#reader = body.getReader();
    try {
      while (true) {
        const { done, value } = await this.#read(this.#reader);
        // Nobody reads on where the upload has been given up meanwhile.
        if (this.#isOver) throw new Refusal(404, "BLOB_UPLOAD_UNKNOWN", "the upload has been given up");
        if (done) return;
        this.#write(value);
      }
    } finally {
      this.#reader = undefined;
    }
  }

  async #read(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await reader.read();
    } catch {
      throw new Refusal(400, "BLOB_UPLOAD_INVALID", "the body broke off");
    } finally {
      this.usedMs = Date.now();
    }
  }

  #write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > this.#limit) {
      throw new Refusal(413, "SIZE_INVALID", `a blob may have ${this.#limit} bytes`);
    }
    this.#digester.update(bytes);
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
  }

  /** Ends it; gives the digest of what has come. */
  finish(): string {
    this.#file.syncDataSync();
    this.#close();
    return this.#digester.finish();
  }

  /** Removes what has come. */
  discard(): void {
    this.#close();
    removeIfThere(this.path);
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#file.close();
    this.#reader?.cancel().catch(() => {});
  }
}

/** Removes a file, if there is one. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
