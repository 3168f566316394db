/**
 * Unpacks a layer of an image into a directory that overlay takes as a lower one. Marks of deletion become overlay's
 * own: a device 0:0 where a name was deleted, an attribute where a whole directory was. Who calls must be root, of this
 * machine or of a user namespace: owners are set as the archive says.
 *
 * Source: OCI image-spec, layer.md; Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { readStatusAt } from "../../ffi/file.ts";
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
import {
  CAPABILITY,
  isKeptAttribute,
  OPAQUE,
  OPAQUE_ATTRIBUTE,
  OWN_OF_AUFS,
  WHITEOUT,
} from "./layer_marks.ts";
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
  /** Who gets all files, in place of the owners in the archive; what only root can give is left out then. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Whether names that delete are names like others, and a directory and what is none never replace each other. */
  readonly isLiteral?: boolean;
  /** Where below the directory it begins, links on the way looked up there; that place itself stays as it is. */
  readonly below?: string;
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

/** Unpacks into a directory, which is empty where it becomes a layer. @throws {CtrError} for an archive that can't be unpacked; what was made stays */
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
  readonly #below: readonly string[];
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
    this.#below = splitPath(options.below ?? "");
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
    const own = splitPath(entry.path);
    const name = own.at(-1);
    if (name === undefined) return this.#makeTop(entry);
    const parts = [...this.#below, ...own];
    if (name.startsWith(WHITEOUT) && !this.#options.isLiteral) return this.#delete(parts, entry);
    const place = this.#tree.place(parts, entry.path);
    switch (entry.type) {
      case "file":
        return await this.#makeFile(place, entry, reader);
      case "directory":
        this.#create(
          place,
          entry,
          "make a directory",
          () => makeDirectory(place.directory, place.name, 0o700),
        );
        return this.#dressDirectory(place, entry, parts);
      case "hardlink":
        return this.#link(place, entry);
      case "symlink":
        this.#create(
          place,
          entry,
          "make a link",
          () => makeSymlink(linkText(entry), place.directory, place.name),
        );
        return this.#dress(place, entry, { hasMode: false });
      default:
        if (this.#makeNode(place, entry)) this.#dress(place, entry, { hasMode: true });
    }
  }

  /** Makes an entry; what is in its way, which is seldom, is removed. None of these calls takes what is there, or follows it. */
  #create(place: TreePlace, entry: TarEntry, what: string, make: () => number): number {
    let made = make();
    if (made === -ERRNO.EEXIST) {
      if (this.#options.isLiteral) refuseOtherKind(place, entry);
      if (this.#tree.clear(place, entry.path, { isDirectory: entry.type === "directory" })) return 0;
      made = make();
    }
    check(made, entry, what);
    return made;
  }

  #makeTop(entry: TarEntry): void {
    if (entry.type !== "directory") throw entryError(entry.path, "it would take the place of the whole root");
    if (this.#options.below !== undefined) return;
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
    this.#create(place, entry, "mark a name as deleted", () => makeNode(place.directory, place.name, "char"));
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
    const flags = O.O_WRONLY | O.O_CREAT | O.O_EXCL;
    const fd = this.#create(
      place,
      entry,
      "make a file",
      () => openAt(place.directory, place.name, flags, 0o600),
    );
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
    const { directory, name } = this.#tree.existing(
      [...this.#below, ...splitPath(entry.linkName)],
      entry.path,
    );
    using from = directory;
    this.#create(place, entry, "make a hard link", () => {
      const made = makeHardLink(from.number, name, place.directory, place.name);
      if (made === -ERRNO.ENOENT) throw entryError(entry.path, "what it links to is not in the archive");
      return made;
    });
  }

  /** Whether it was made. */
  #makeNode(place: TreePlace, entry: TarEntry): boolean {
    const { type, devMajor, devMinor } = entry;
    if (type !== "fifo" && type !== "char" && type !== "block") {
      throw entryError(entry.path, "it is of no known type");
    }
    let isSkipped = false;
    this.#create(place, entry, "make a node", () => {
      const made = makeNode(place.directory, place.name, type, devMajor, devMinor);
      isSkipped = made === -ERRNO.EPERM && type !== "fifo";
      return isSkipped ? 0 : made;
    });
    if (isSkipped) this.#skippedDevices++;
    return !isSkipped;
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
    if (this.#options.owner !== undefined) return this.#options.owner;
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
      const isKept = isKeptAttribute(name) && (name !== CAPABILITY || this.#options.owner === undefined);
      if (!isKept) this.#skippedAttributes++;
      else check(setAttribute(fd, name, value), entry, `set the attribute ${name}`);
    }
  }
}

function refuseOtherKind({ directory, name }: TreePlace, { path, type }: TarEntry): void {
  const there = readStatusAt(directory, name);
  if (!there.ok) return;
  const isDirectory = (there.value.mode & S_IF.S_IFMT) === S_IF.S_IFDIR;
  // From outside of its namespace the kernel would let it be removed, and take the mount along.
  if (!isDirectory && there.value.isMountRoot) {
    throw entryError(path, "a file is mounted there", "Write to it from inside: see myctr exec");
  }
  if (isDirectory === (type === "directory")) return;
  const why = isDirectory
    ? "a directory is there already"
    : "something that is no directory is there already";
  throw entryError(path, why, "Remove it first, or choose another place");
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
