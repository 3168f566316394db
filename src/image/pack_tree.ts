/**
 * Streams the files below an open directory as a tar archive. Names come in the order of their bytes, so that the same
 * files give the same bytes. The directory may be a container's: nothing is followed out of it, no device or FIFO is
 * opened, and no more is in memory than a piece of a file.
 *
 * Source: OCI image-spec, layer.md; Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */

import { ERRNO, errnoName } from "../../ffi/constants/errno.ts";
import { decodeBytes } from "../../ffi/cstring.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { read } from "../../ffi/descriptor.ts";
import { Fd } from "../../ffi/fd.ts";
import { type FileStatus, readStatus, readStatusAt } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { listNames, type Name, openAt, readAttributes, readLinkAt } from "../../ffi/tree.ts";
import { CtrError } from "../errors.ts";
import type { Bytes } from "./store.ts";
import type { TarEntry, TarType } from "./tar_reader.ts";
import { notePassed } from "./collect.ts";
import { isKeptAttribute, OPAQUE, OPAQUE_ATTRIBUTE, WHITEOUT } from "./layer_marks.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "./tar_writer.ts";

/** How files become entries. */
export interface PackOptions {
  /** Whether the directory is an upper one of overlay: its marks of deletion become those of a layer. */
  readonly isLayer?: boolean;
  /** What the directory is called in the archive. @default "." */
  readonly topName?: string;
  /** Whether what is mounted below is left out; of a directory the place stays. */
  readonly isOneMount?: boolean;
  /** Paths in the archive that are left out where they are empty: places that were only made to mount there. */
  readonly places?: ReadonlySet<string>;
  /** Changes what is said of a file, such as its owner. */
  readonly rewrite?: (entry: TarEntry) => TarEntry;
  /** Whether a path in the archive is left out. A directory is there all the same where something in it is. */
  readonly isLeftOut?: (path: string) => boolean;
}

const PIECE = 256 * 1024;

const TYPES: ReadonlyMap<number, TarType> = new Map([
  [S_IF.S_IFREG, "file"],
  [S_IF.S_IFDIR, "directory"],
  [S_IF.S_IFLNK, "symlink"],
  [S_IF.S_IFIFO, "fifo"],
  [S_IF.S_IFCHR, "char"],
  [S_IF.S_IFBLK, "block"],
]);

/** Streams a directory, itself first. @throws {CtrError} for a file that can't be read */
export async function* packTree(directory: number, options: PackOptions = {}): Bytes {
  const { topName = "." } = options;
  yield* new Packing(options).directory(directory, topName);
  yield TAR_END;
}

/** Streams what is in a directory, as names of the archive itself; without the end of an archive. */
export async function* packContent(directory: number, options: PackOptions = {}): Bytes {
  let isTop = true;
  for await (const chunk of new Packing(options).directory(directory, ".")) {
    // Its own head is the first piece.
    if (!isTop) yield chunk;
    isTop = false;
  }
}

/** Streams one name, as {@link packName}, without the end of an archive. */
export function packEntry(
  directory: number,
  name: Name,
  options: PackOptions & { readonly topName: string },
): Bytes {
  return new Packing(options).name(directory, name, options.topName);
}

/** Streams one name of an open directory, whatever it is; a directory with all in it. */
export async function* packName(
  directory: number,
  name: Name,
  options: PackOptions & { readonly topName: string },
): Bytes {
  yield* new Packing(options).name(directory, name, options.topName);
  yield TAR_END;
}

function compareBytes(a: Name, b: Name): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}

class Packing {
  readonly #options: PackOptions;
  /** The first name of each file that has several, by device and number. */
  readonly #linked = new Map<string, string>();

  constructor(options: PackOptions) {
    this.#options = options;
  }

  async *name(directory: number, name: Name, path: string): Bytes {
    const found = readStatusAt(directory, name);
    // It was removed meanwhile, by the container.
    if (!found.ok && found.errno === ERRNO.ENOENT) return;
    const status = unwrap(found, `look at ${path}`);
    const type = TYPES.get(status.mode & S_IF.S_IFMT);
    if (type === undefined) return;
    if (this.#options.isOneMount && status.isMountRoot && type !== "directory") return;
    if (this.#isPlace(directory, name, { path, status, type })) return;
    if (this.#options.isLayer && isWhiteout(status)) return yield this.#whiteout(path, WHITEOUT);
    const isLeftOut = this.#options.isLeftOut?.(path) ?? false;
    if (type === "directory") {
      using fd = this.#open(directory, name, path);
      if (isLeftOut) return yield* this.#leftOutDirectory(fd.number, path);
      return yield* this.directory(fd.number, path);
    }
    if (isLeftOut) return;
    const link = this.#linkOf(status, path);
    if (link !== undefined) {
      yield this.#head({ ...entryOf(path, "hardlink", status), linkName: link });
    } else if (type === "file") yield* this.#file(directory, name, path);
    else {
      const linkName = type === "symlink" ? readLinkAt(directory, name) : "";
      if (typeof linkName === "number") throw readError(path, linkName);
      yield this.#head({ ...entryOf(path, type, status), linkName });
    }
  }

  async *directory(fd: number, path: string): Bytes {
    const status = unwrap(readStatus(fd), `look at ${path}`);
    const xattrs = attributesOf(fd, path);
    yield this.#head({ ...entryOf(path, "directory", status), xattrs: keptOf(xattrs) });
    const isOpaque = xattrs.get(OPAQUE_ATTRIBUTE)?.[0] === "y".charCodeAt(0);
    // The top may be one itself.
    if (this.#options.isOneMount && status.isMountRoot && path !== (this.#options.topName ?? ".")) return;
    if (this.#options.isLayer && isOpaque) yield this.#whiteout(`${path}/${OPAQUE}`, "");
    const names = listNames(fd);
    if (typeof names === "number") throw readError(path, names);
    for (const name of names.sort(compareBytes)) {
      yield* this.name(fd, name, `${path}/${decodeBytes(name.subarray(0, -1))}`);
    }
  }

  /** Its head stands before the first thing in it that is not left out. */
  async *#leftOutDirectory(fd: number, path: string): Bytes {
    let head: Uint8Array<ArrayBuffer> | undefined;
    for await (const chunk of this.directory(fd, path)) {
      if (head === undefined) {
        head = chunk;
        continue;
      }
      if (head.length > 0) yield head;
      head = new Uint8Array(0);
      yield chunk;
    }
  }

  /** The head of an entry, as it is to be. */
  #head(entry: TarEntry): Uint8Array<ArrayBuffer> {
    return encodeTarHeader(this.#options.rewrite?.(entry) ?? entry);
  }

  #isPlace(
    directory: number,
    name: Name,
    { path, status, type }: { readonly path: string; readonly status: FileStatus; readonly type: TarType },
  ): boolean {
    if (!this.#options.places?.has(path)) return false;
    if (type === "file") return status.size === 0n;
    if (type !== "directory") return false;
    using fd = this.#open(directory, name, path);
    const names = listNames(fd.number);
    return typeof names !== "number" && names.length === 0;
  }

  #open(directory: number, name: Name, path: string): Fd {
    const opened = openAt(directory, name, O.O_RDONLY | O.O_DIRECTORY);
    if (opened < 0) throw readError(path, opened);
    return new Fd(opened);
  }

  async *#file(directory: number, name: Name, path: string): Bytes {
    // It may have become a FIFO meanwhile: opening that must not wait.
    const opened = openAt(directory, name, O.O_RDONLY | O.O_NONBLOCK | O.O_NOCTTY);
    if (opened === -ERRNO.ENOENT) return;
    if (opened < 0) throw readError(path, opened);
    using fd = new Fd(opened);
    const status = unwrap(readStatus(fd.number), `look at ${path}`);
    if (TYPES.get(status.mode & S_IF.S_IFMT) !== "file") return;
    const size = Number(status.size);
    yield this.#head({
      ...entryOf(path, "file", status),
      size,
      xattrs: keptOf(attributesOf(fd.number, path)),
    });
    yield* readExactly(fd.number, size);
    yield tarPadding(size);
  }

  #linkOf({ links, ino, deviceMajor, deviceMinor, mode }: FileStatus, path: string): string | undefined {
    if (links < 2 || (mode & S_IF.S_IFMT) !== S_IF.S_IFREG) return undefined;
    const key = `${deviceMajor}:${deviceMinor}:${ino}`;
    const first = this.#linked.get(key);
    if (first === undefined) this.#linked.set(key, path);
    return first;
  }

  /** Its time says nothing: what was deleted has none. */
  #whiteout(path: string, prefix: string): Uint8Array<ArrayBuffer> {
    const slash = path.lastIndexOf("/") + 1;
    return encodeTarHeader({
      ...EMPTY,
      path: `${path.slice(0, slash)}${prefix}${path.slice(slash)}`,
      type: "file",
    });
  }
}

const EMPTY = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: { seconds: 0, nanoseconds: 0 },
  linkName: "",
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map<string, Uint8Array<ArrayBuffer>>(),
} as const;

/** A device 0:0 is overlay's mark of a name that was deleted. */
function isWhiteout({ mode, rdevMajor, rdevMinor }: FileStatus): boolean {
  return (mode & S_IF.S_IFMT) === S_IF.S_IFCHR && rdevMajor === 0 && rdevMinor === 0;
}

function entryOf(
  path: string,
  type: TarType,
  { mode, uid, gid, mtime, rdevMajor, rdevMinor }: FileStatus,
): TarEntry {
  const isDevice = type === "char" || type === "block";
  return {
    ...EMPTY,
    path,
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    mtime,
    ...(isDevice && { devMajor: rdevMajor, devMinor: rdevMinor }),
  };
}

function attributesOf(fd: number, path: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const found = readAttributes(fd);
  if (typeof found === "number") throw readError(path, found);
  return found;
}

function keptOf(xattrs: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): TarEntry["xattrs"] {
  return new Map(
    [...xattrs].filter(([name]) => isKeptAttribute(name)),
  );
}

/** Reads as many bytes as the header says: a file that is written to meanwhile is cut, or filled up with zeros. */
async function* readExactly(fd: number, size: number): Bytes {
  for (let left = size; left > 0;) {
    const piece = new Uint8Array(Math.min(left, PIECE));
    const count = unwrap(read(fd, piece), "read a file");
    yield await Promise.resolve(count === 0 ? piece : piece.subarray(0, count));
    left -= count === 0 ? piece.length : count;
    notePassed(piece.length);
  }
}

function readError(path: string, result: number): CtrError {
  return new CtrError("syscall", `Cannot read ${JSON.stringify(path)}: ${errnoName(-result)}`, {
    hint: "Look at it from inside the container",
  });
}
