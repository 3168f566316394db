/**
 * Reads a tar archive from a stream: POSIX (ustar, pax) and GNU, whatever their size, in memory that does not grow with
 * it. What an entry says is told as it stands there: whoever makes files of it must not trust its names.
 */

import { decodeBytes } from "../../ffi/cstring.ts";
import {
  BLOCK,
  isZeroBlock,
  parsePax,
  parseTarHeader,
  type PaxRecords,
  tarError,
  type TarHeader,
} from "./tar_header.ts";
import { oldSparseMap, readSparseText, sparseOf, type SparsePart } from "./tar_sparse.ts";

/** What an entry is. */
export type TarType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

/** One entry, without its data. */
export interface TarEntry {
  /** As in the archive: it may be absolute, or lead out of it. */
  readonly path: string;
  readonly type: TarType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file, holes among them. */
  readonly size: number;
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  /** What a link leads to. */
  readonly linkName: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Where the data belongs, of a file with holes. */
  readonly sparse?: readonly SparsePart[];
}

const TYPES: Readonly<Record<string, TarType>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  S: "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  D: "directory",
  "6": "fifo",
};

/** Bounds what stands before an entry: names and attributes are read into memory. */
const MAX_EXTENDED = 1024 * 1024;
const XATTR = "SCHILY.xattr.";

/** An archive that is being read. */
export class TarReader {
  readonly #chunks: AsyncIterator<Uint8Array<ArrayBuffer>>;
  #chunk: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #at = 0;
  /** Bytes before {@link #chunk}. */
  #before = 0;
  /** Data of the present entry that was not read yet, and the padding behind it. */
  #left = 0;
  #padding = 0;
  #globals: PaxRecords = new Map();

  constructor(stream: AsyncIterable<Uint8Array<ArrayBuffer>>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Goes to the next entry, past what is left of this one; undefined at the end. @throws {CtrError} code "usage" */
  async next(): Promise<TarEntry | undefined> {
    let records: PaxRecords = new Map();
    let longName: string | undefined;
    let longLink: string | undefined;
    while (true) {
      await this.#skip();
      const offset = this.#offset;
      const block = await this.#block();
      if (block === undefined || isZeroBlock(block)) return undefined;
      const header = parseTarHeader(block, offset);
      if (header.type === "x") records = parsePax(await this.#extended(header, offset), offset);
      else if (header.type === "g") {
        this.#globals = new Map([
          ...this.#globals,
          ...parsePax(await this.#extended(header, offset), offset),
        ]);
      } else if (header.type === "L") longName = text(await this.#extended(header, offset));
      else if (header.type === "K") longLink = text(await this.#extended(header, offset));
      else {
        const named = {
          ...header,
          ...(longName !== undefined && { name: longName }),
          ...(longLink !== undefined && { linkName: longLink }),
        };
        return await this.#entry(named, new Map([...this.#globals, ...records]), { block, offset });
      }
    }
  }

  /** Reads some of the present entry's data; undefined at its end. @throws {CtrError} code "usage" where it is cut */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#left === 0) return undefined;
    if (this.#at === this.#chunk.length && !await this.#fill()) throw this.#cut();
    const taken = this.#chunk.subarray(this.#at, this.#at + this.#left);
    this.#at += taken.length;
    this.#left -= taken.length;
    return taken;
  }

  get #offset(): number {
    return this.#before + this.#at;
  }

  #cut(): Error {
    return tarError(this.#offset, "it ends in the middle of a file");
  }

  async #entry(
    header: TarHeader,
    records: PaxRecords,
    { block, offset }: { readonly block: Uint8Array<ArrayBuffer>; readonly offset: number },
  ): Promise<TarEntry> {
    const type = TYPES[header.type];
    if (type === undefined) throw tarError(offset, `entry type ${JSON.stringify(header.type)} is not known`);
    const stored = sizeOf(records, "size", offset) ?? header.size;
    const hasData = type === "file";
    this.#begin(hasData ? stored : 0);
    // A directory's size says nothing, and no data follows a link; what some programs count there is skipped.
    if (!hasData && type === "hardlink" && stored > 0) this.#begin(stored);
    const sparse = header.type === "S"
      ? await oldSparseMap(block, () => this.#block(), offset)
      : await sparseOf(records, () => this.#sparseText(), offset);
    return {
      path: sparse?.name ?? pathOf(records, "path") ?? header.name,
      type,
      mode: header.mode,
      uid: sizeOf(records, "uid", offset) ?? header.uid,
      gid: sizeOf(records, "gid", offset) ?? header.gid,
      size: sparse?.size ?? (hasData ? stored : 0),
      mtime: timeOf(records, header.mtime, offset),
      linkName: pathOf(records, "linkpath") ?? header.linkName,
      devMajor: header.devMajor,
      devMinor: header.devMinor,
      xattrs: new Map(
        [...records].flatMap(([key, value]) =>
          key.startsWith(XATTR) ? [[key.slice(XATTR.length), value] as const] : []
        ),
      ),
      ...(sparse !== undefined && { sparse: sparse.parts }),
    };
  }

  #begin(size: number): void {
    this.#left = size;
    this.#padding = (BLOCK - size % BLOCK) % BLOCK;
  }

  /** The map of a sparse file stands in blocks before its data. */
  async #sparseText(): Promise<string> {
    return await readSparseText(async () => {
      const block = await this.#block();
      if (block === undefined || this.#left < BLOCK) throw this.#cut();
      this.#left -= BLOCK;
      return block;
    });
  }

  async #extended({ size }: TarHeader, offset: number): Promise<Uint8Array<ArrayBuffer>> {
    if (size > MAX_EXTENDED) throw tarError(offset, `an extended header has ${size} bytes`);
    this.#begin(size);
    const data = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const part = (await this.read())!;
      data.set(part, at);
      at += part.length;
    }
    return data;
  }

  async #skip(): Promise<void> {
    while (await this.read() !== undefined);
    let left = this.#padding;
    this.#padding = 0;
    while (left > 0) {
      if (this.#at === this.#chunk.length && !await this.#fill()) return;
      const count = Math.min(left, this.#chunk.length - this.#at);
      this.#at += count;
      left -= count;
    }
  }

  /** Gives the next block; undefined at the end of the stream. */
  async #block(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#chunk.length - this.#at >= BLOCK) {
      this.#at += BLOCK;
      return this.#chunk.subarray(this.#at - BLOCK, this.#at);
    }
    const block = new Uint8Array(BLOCK);
    for (let length = 0; length < BLOCK;) {
      if (this.#at === this.#chunk.length && !await this.#fill()) {
        if (length === 0) return undefined;
        throw tarError(this.#offset, "it ends in the middle of a header");
      }
      const part = this.#chunk.subarray(this.#at, this.#at + BLOCK - length);
      block.set(part, length);
      this.#at += part.length;
      length += part.length;
    }
    return block;
  }

  /** Takes the next piece that has any bytes. */
  async #fill(): Promise<boolean> {
    while (true) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#before += this.#chunk.length;
      this.#chunk = value;
      this.#at = 0;
      if (value.length > 0) return true;
    }
  }
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeBytes(end < 0 ? bytes : bytes.subarray(0, end));
}

function pathOf(records: PaxRecords, key: string): string | undefined {
  const value = records.get(key);
  return value === undefined ? undefined : decodeBytes(value);
}

function sizeOf(records: PaxRecords, key: string, offset: number): number | undefined {
  const value = pathOf(records, key);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw tarError(offset, `${key} is ${JSON.stringify(value)}`);
}

function timeOf(records: PaxRecords, seconds: number, offset: number): TarEntry["mtime"] {
  const value = pathOf(records, "mtime");
  if (value === undefined) return { seconds, nanoseconds: 0 };
  const [, whole, fraction = ""] = /^(-?\d{1,12})(?:\.(\d*))?$/.exec(value) ?? [];
  if (whole === undefined) throw tarError(offset, `mtime is ${JSON.stringify(value)}`);
  const nanoseconds = Number(fraction.padEnd(9, "0").slice(0, 9));
  if (!whole.startsWith("-") || nanoseconds === 0) return { seconds: Number(whole), nanoseconds };
  return { seconds: Number(whole) - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}
