/**
 * Unpacks a layer of an image into a directory that overlay takes as a lower one. Marks of deletion become overlay's
 * own: a device 0:0 where a name was deleted, an attribute where a whole directory was. Who calls must be root, of this
 * machine or of a user namespace: owners are set as the archive says.
 *
 * Source: OCI image-spec, layer.md; Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { O } from "../../ffi/machine.ts";
import {
  closeNow,
  encodeTimes,
  makeDirectory,
  makeHardLink,
  makeNode,
  makeSymlink,
  openAt,
  setAttribute,
  setLength,
  setMode,
  setModeOf,
  setOwner,
  setOwnerOf,
  setTimes,
  setTimesOf,
  writeAt,
  writeSome,
} from "../../ffi/tree.ts";
import { cString } from "../../ffi/cstring.ts";
import { callError, entryError, LayerTree, splitPath, type TreePlace } from "./layer_tree.ts";
import { type TarEntry, TarReader } from "./tar_reader.ts";

/** What unpacking is bound by, and how owners are set. */
export interface UnpackOptions {
  /** Entries of the archive. @default 2,000,000 */
  readonly maxEntries?: number;
  /** Bytes of all files, holes left out. @default 256 GiB */
  readonly maxBytes?: number;
  /** Whether all files belong to root: where only the caller's own id is mapped, no other owner can be set. */
  readonly isAllRoots?: boolean;
}

/** What came of it. */
export interface Unpacked {
  readonly entries: number;
  readonly bytes: number;
  /** Device files, which only root of this machine can make. */
  readonly skippedDevices: number;
  /** Attributes that are none of a container's: only `user.` and file capabilities are kept. */
  readonly skippedAttributes: number;
}

const MAX_ENTRIES = 2_000_000;
const MAX_BYTES = 256 * 2 ** 30;

/** Beginnings of names that delete. Source: OCI image-spec, layer.md, "Whiteouts". */
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const OWN_OF_AUFS = ".wh..wh.";
const OPAQUE_ATTRIBUTE = "user.overlay.opaque";
/** Overlay takes what stands below it as orders of its own. */
const ORDERS = "user.overlay.";
const CAPABILITY = "security.capability";

/** Unpacks into an empty directory. @throws {CtrError} for an archive that can't be unpacked; what was made stays */
export async function unpackLayer(
  directory: string,
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  using tree = LayerTree.open(directory);
  return await new Unpacking(tree, options).run(new TarReader(stream));
}

interface DirectoryTime {
  readonly parts: readonly string[];
  readonly mtime: TarEntry["mtime"];
}

class Unpacking {
  readonly #tree: LayerTree;
  readonly #options: UnpackOptions;
  readonly #times = new Uint8Array(32);
  /** Whatever is made in a directory changes its time: they are set last. */
  readonly #directories: DirectoryTime[] = [];
  #entries = 0;
  #bytes = 0;
  #skippedDevices = 0;
  #skippedAttributes = 0;

  constructor(tree: LayerTree, options: UnpackOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  async run(reader: TarReader): Promise<Unpacked> {
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      this.#count(entry);
      await this.#make(entry, reader);
    }
    for (const { parts, mtime } of this.#directories.reverse()) {
      using fd = this.#tree.reopen(parts);
      if (fd !== undefined) this.#setTimes(fd.number, mtime);
    }
    return {
      entries: this.#entries,
      bytes: this.#bytes,
      skippedDevices: this.#skippedDevices,
      skippedAttributes: this.#skippedAttributes,
    };
  }

  #count({ path }: TarEntry): void {
    const { maxEntries = MAX_ENTRIES } = this.#options;
    this.#entries++;
    if (this.#entries > maxEntries) throw entryError(path, `the archive has more than ${maxEntries} entries`);
  }

  async #make(entry: TarEntry, reader: TarReader): Promise<void> {
    const parts = splitPath(entry.path);
    const name = parts.at(-1);
    if (name === undefined) return this.#makeTop(entry);
    if (name.startsWith(WHITEOUT)) return this.#delete(parts, entry);
    const place = this.#tree.place(parts, entry.path);
    const isThere = this.#tree.clear(place, entry.path, { isDirectory: entry.type === "directory" });
    switch (entry.type) {
      case "file":
        return await this.#makeFile(place, entry, reader);
      case "directory":
        if (!isThere) check(makeDirectory(place.directory, place.name, 0o700), entry, "make a directory");
        return this.#dressDirectory(place, entry, parts);
      case "hardlink":
        return this.#link(place, entry);
      case "symlink":
        check(makeSymlink(linkText(entry), place.directory, place.name), entry, "make a link");
        return this.#dress(place, entry, { hasMode: false });
      default:
        if (this.#makeNode(place, entry)) this.#dress(place, entry, { hasMode: true });
    }
  }

  #makeTop(entry: TarEntry): void {
    if (entry.type !== "directory") throw entryError(entry.path, "it would take the place of the whole root");
    const fd = this.#tree.top;
    this.#setOwner(fd, entry);
    check(setMode(fd, entry.mode), entry, "set its permissions");
    this.#setAttributes(fd, entry);
    this.#directories.push({ parts: [], mtime: entry.mtime });
  }

  /** Marks what lower layers have as deleted. */
  #delete(parts: readonly string[], entry: TarEntry): void {
    const name = parts.at(-1)!;
    if (name === OPAQUE) {
      using parent = this.#parentOf(parts, entry);
      return check(
        setAttribute(parent.fd, OPAQUE_ATTRIBUTE, cString("y").subarray(0, 1)),
        entry,
        "mark a directory",
      );
    }
    if (name.startsWith(OWN_OF_AUFS)) return;
    const deleted = name.slice(WHITEOUT.length);
    if (deleted === "" || deleted === "." || deleted === "..") {
      throw entryError(entry.path, "it deletes no name");
    }
    const place = this.#tree.place([...parts.slice(0, -1), deleted], entry.path);
    this.#tree.clear(place, entry.path, { isDirectory: false });
    check(makeNode(place.directory, place.name, "char"), entry, "mark a name as deleted");
  }

  /** The directory of an entry, open for attributes. */
  #parentOf(parts: readonly string[], entry: TarEntry): Disposable & { readonly fd: number } {
    // It is made where it is missing.
    this.#tree.place(parts, entry.path);
    const opened = this.#tree.reopen(parts.slice(0, -1));
    if (opened === undefined) throw entryError(entry.path, "its directory is gone");
    return { fd: opened.number, [Symbol.dispose]: () => opened[Symbol.dispose]() };
  }

  async #makeFile(place: TreePlace, entry: TarEntry, reader: TarReader): Promise<void> {
    const fd = openAt(place.directory, place.name, O.O_WRONLY | O.O_CREAT | O.O_EXCL, 0o600);
    check(fd, entry, "make a file");
    try {
      if (entry.sparse === undefined) await this.#fill(fd, entry, reader);
      else await this.#fillParts(fd, entry, reader);
      this.#setOwner(fd, entry);
      // A change of owner clears setuid bits and capabilities: they come behind it.
      check(setMode(fd, entry.mode), entry, "set its permissions");
      this.#setAttributes(fd, entry);
      this.#setTimes(fd, entry.mtime);
    } finally {
      closeNow(fd);
    }
  }

  async #fill(fd: number, entry: TarEntry, reader: TarReader): Promise<void> {
    for (let part = await reader.read(); part !== undefined; part = await reader.read()) {
      this.#take(part.length, entry);
      for (let rest = part; rest.length > 0;) {
        const count = writeSome(fd, rest);
        check(count, entry, "write");
        rest = rest.subarray(count);
      }
    }
  }

  async #fillParts(fd: number, entry: TarEntry, reader: TarReader): Promise<void> {
    let part: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    for (const { offset, size } of entry.sparse!) {
      if (offset + size > entry.size) throw entryError(entry.path, "its data ends behind its end");
      for (let done = 0; done < size;) {
        if (part.length === 0) part = await reader.read() ?? new Uint8Array(0);
        if (part.length === 0) throw entryError(entry.path, "some of its data is missing");
        const piece = part.subarray(0, size - done);
        this.#take(piece.length, entry);
        const count = writeAt(fd, piece, offset + done);
        check(count, entry, "write");
        done += count;
        part = part.subarray(count);
      }
    }
    check(setLength(fd, entry.size), entry, "set its length");
  }

  #take(bytes: number, { path }: TarEntry): void {
    const { maxBytes = MAX_BYTES } = this.#options;
    this.#bytes += bytes;
    if (this.#bytes > maxBytes) {
      throw entryError(path, `the archive has more than ${maxBytes} bytes of files`);
    }
  }

  #link(place: TreePlace, entry: TarEntry): void {
    const { directory, name } = this.#tree.existing(splitPath(entry.linkName), entry.path);
    using from = directory;
    const made = makeHardLink(from.number, name, place.directory, place.name);
    if (made === -ERRNO.ENOENT) throw entryError(entry.path, "what it links to is not in the archive");
    check(made, entry, "make a hard link");
  }

  /** Whether it was made. */
  #makeNode(place: TreePlace, entry: TarEntry): boolean {
    const { type, devMajor, devMinor } = entry;
    if (type !== "fifo" && type !== "char" && type !== "block") {
      throw entryError(entry.path, "it is of no known type");
    }
    const made = makeNode(place.directory, place.name, type, devMajor, devMinor);
    if (made === -ERRNO.EPERM && type !== "fifo") {
      this.#skippedDevices++;
      return false;
    }
    check(made, entry, "make a node");
    return true;
  }

  #dressDirectory(place: TreePlace, entry: TarEntry, parts: readonly string[]): void {
    const fd = openAt(place.directory, place.name, O.O_RDONLY | O.O_DIRECTORY);
    check(fd, entry, "open a directory");
    try {
      this.#setOwner(fd, entry);
      check(setMode(fd, entry.mode), entry, "set its permissions");
      this.#setAttributes(fd, entry);
    } finally {
      closeNow(fd);
    }
    this.#directories.push({ parts, mtime: entry.mtime });
  }

  /** Owner, permissions and times of what is not opened: links, nodes. */
  #dress({ directory, name }: TreePlace, entry: TarEntry, { hasMode }: { readonly hasMode: boolean }): void {
    const { uid, gid } = this.#ownerOf(entry);
    checkOwner(setOwnerOf(directory, name, uid, gid), entry);
    // It is none of the archive's links: it has just been made here, as something else.
    if (hasMode) check(setModeOf(directory, name, entry.mode), entry, "set its permissions");
    encodeTimes(this.#times, entry.mtime.seconds, entry.mtime.nanoseconds);
    setTimesOf(directory, name, this.#times);
  }

  #ownerOf({ uid, gid }: TarEntry): { readonly uid: number; readonly gid: number } {
    return this.#options.isAllRoots ? { uid: 0, gid: 0 } : { uid, gid };
  }

  #setOwner(fd: number, entry: TarEntry): void {
    const { uid, gid } = this.#ownerOf(entry);
    checkOwner(setOwner(fd, uid, gid), entry);
  }

  #setTimes(fd: number, { seconds, nanoseconds }: TarEntry["mtime"]): void {
    encodeTimes(this.#times, seconds, nanoseconds);
    setTimes(fd, this.#times);
  }

  #setAttributes(fd: number, entry: TarEntry): void {
    for (const [name, value] of entry.xattrs) {
      const isKept = name === CAPABILITY || name.startsWith("user.") && !name.startsWith(ORDERS);
      if (!isKept) this.#skippedAttributes++;
      else check(setAttribute(fd, name, value), entry, `set the attribute ${name}`);
    }
  }
}

function linkText({ path, linkName }: TarEntry): Uint8Array<ArrayBuffer> {
  if (linkName === "" || linkName.includes("\0")) throw entryError(path, "it links to no name");
  return cString(linkName);
}

function check(result: number, { path }: TarEntry, what: string): void {
  if (result < 0) throw callError(path, what, result);
}

/** An id that is not mapped can't be given: the namespace has no such owner. */
function checkOwner(result: number, entry: TarEntry): void {
  if (result !== -ERRNO.EINVAL) return check(result, entry, "set its owner");
  const { path, uid, gid } = entry;
  throw entryError(
    path,
    `it belongs to ${uid}:${gid}, and not so many ids are mapped`,
    "Grant a larger range in /etc/subuid and /etc/subgid",
  );
}
