/**
 * The directory that a layer is unpacked into. Names come from an archive that nobody vouches for: each is looked up
 * below the directory's descriptor, as if that were the root, so that no link and no ".." leads out of it.
 */

import { ERRNO, errnoName } from "../../ffi/constants/errno.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { cString, encodeBytes } from "../../ffi/cstring.ts";
import { Fd } from "../../ffi/fd.ts";
import { openInRoot, openPath, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { listNames, makeDirectory, type Name, openAt, removeName } from "../../ffi/tree.ts";
import { CtrError } from "../errors.ts";

/** Permissions of a directory that the archive does not name before what lies in it. */
const MISSING_MODE = 0o755;
const MAX_NAME = 255;
/** PATH_MAX of linux/limits.h. */
const MAX_PATH = 4096;

/** A place in the tree: an open directory, and a name in it. */
export interface TreePlace {
  /** Closed by the tree when it needs another one. */
  readonly directory: number;
  readonly name: Name;
}

/** What an archive says that can not be done. */
export function entryError(
  path: string,
  why: string,
  hint = "Get the archive from somewhere else",
): CtrError {
  return new CtrError("usage", `Cannot unpack ${JSON.stringify(path)}: ${why}`, { hint });
}

/** A call that failed for an entry. */
export function callError(path: string, what: string, result: number): CtrError {
  const name = errnoName(-result);
  const hint = -result === ERRNO.ENOSPC
    ? "Make room on the disk of the state directory"
    : -result === ERRNO.EROFS
    ? "It is mounted read-only there: write to another place"
    : -result === ERRNO.EOPNOTSUPP
    ? "Use a state directory on ext4, xfs or btrfs: see --root"
    : undefined;
  return new CtrError("syscall", `Cannot unpack ${JSON.stringify(path)}: ${what}: ${name}`, { hint });
}

/** Splits a path of an archive; what is absolute begins at the tree's top. @throws {CtrError} for one that leads out of it */
export function splitPath(path: string): readonly string[] {
  if (path.includes("\0")) throw entryError(path, "its name has a NUL in it");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw entryError(path, "its path leads out of the archive");
  if (path.length > MAX_PATH || parts.some((part) => encodeBytes(part).length > MAX_NAME)) {
    throw entryError(path, "its name is too long");
  }
  return parts;
}

/** An empty directory that is being filled. */
export class LayerTree implements Disposable {
  readonly #root: Fd;
  /** The directory that was looked up last: entries of one mostly stand together. */
  #parent: { readonly path: string; readonly fd: Fd } | undefined;

  constructor(root: Fd) {
    this.#root = root;
  }

  /** Opens a directory by its absolute path. */
  static open(directory: string): LayerTree {
    const opened = openPath(directory, { flags: O.O_RDONLY | O.O_DIRECTORY });
    if (!opened.ok) throw callError(directory, "open", -opened.errno);
    return new LayerTree(opened.value);
  }

  [Symbol.dispose](): void {
    this.#parent?.fd[Symbol.dispose]();
    this.#root[Symbol.dispose]();
  }

  /** The descriptor of the top. */
  get top(): number {
    return this.#root.number;
  }

  /** Finds where an entry belongs; directories that are missing are made. Not for the top itself. */
  place(parts: readonly string[], path: string): TreePlace {
    const parents = parts.slice(0, -1).join("/");
    if (this.#parent?.path !== parents) {
      const fd = this.#openDirectory(parts.slice(0, -1), path);
      this.#parent?.fd[Symbol.dispose]();
      this.#parent = { path: parents, fd };
    }
    return { directory: this.#parent!.fd.number, name: cString(parts.at(-1)!) };
  }

  /** Finds an entry that must be there, for a hard link to it; the directory is the caller's to close. */
  existing(parts: readonly string[], path: string): { readonly directory: Fd; readonly name: Name } {
    const opened = this.#look(parts.slice(0, -1));
    if (parts.length === 0 || !opened.ok) throw entryError(path, "what it links to is not in the archive");
    return { directory: opened.value, name: cString(parts.at(-1)!) };
  }

  /** Opens a directory of the tree that has been made. */
  reopen(parts: readonly string[]): Fd | undefined {
    const opened = openInRoot(parts.join("/") || ".", { dirfd: this.top, flags: O.O_RDONLY | O.O_DIRECTORY });
    return opened.ok ? opened.value : undefined;
  }

  /** Makes room for an entry. Whether the directory that it shall be is there already is the result. */
  clear(
    { directory, name }: TreePlace,
    path: string,
    { isDirectory }: { readonly isDirectory: boolean },
  ): boolean {
    const removed = removeName(directory, name, "file");
    if (removed === 0 || removed === -ERRNO.ENOENT) return false;
    if (removed !== -ERRNO.EISDIR) throw callError(path, "remove what is there", removed);
    if (isDirectory) return true;
    this.#forget();
    removeTree(directory, name, path);
    return false;
  }

  /** A directory that is removed must not be the one that is kept open. */
  #forget(): void {
    const kept = this.#parent;
    if (kept === undefined) return;
    // The place that the caller holds uses it still: it is only not found again.
    this.#parent = { path: "\0", fd: kept.fd };
  }

  #look(parts: readonly string[]): ReturnType<typeof openInRoot> {
    return openInRoot(parts.join("/") || ".", { dirfd: this.top, flags: O.O_PATH | O.O_DIRECTORY });
  }

  #openDirectory(parts: readonly string[], path: string): Fd {
    const opened = this.#look(parts);
    if (opened.ok) return opened.value;
    if (opened.errno !== ERRNO.ENOENT) throw callError(path, "open its directory", -opened.errno);
    using above = this.#openDirectory(parts.slice(0, -1), path);
    const made = makeDirectory(above.number, cString(parts.at(-1)!), MISSING_MODE);
    // A link that leads nowhere stands in its place.
    if (made < 0) throw callError(path, "make its directory", made);
    const again = this.#look(parts);
    if (!again.ok) throw callError(path, "open its directory", -again.errno);
    return again.value;
  }
}

/** Removes a directory and all in it. Links are removed, not followed. */
function removeTree(directory: number, name: Name, path: string): void {
  const opened = openAt(directory, name, O.O_RDONLY | O.O_DIRECTORY);
  if (opened < 0) throw callError(path, "remove what is there", opened);
  using fd = new Fd(opened);
  const names = listNames(fd.number);
  if (typeof names === "number") throw callError(path, "remove what is there", names);
  for (const each of names) {
    if (removeName(fd.number, each, "file") === -ERRNO.EISDIR) removeTree(fd.number, each, path);
  }
  const removed = removeName(directory, name, "directory");
  if (removed < 0) throw callError(path, "remove what is there", removed);
}

/** Whether a descriptor is a directory's. */
export function isDirectory(fd: number): boolean {
  const status = readStatus(fd);
  return status.ok && (status.value.mode & S_IF.S_IFMT) === S_IF.S_IFDIR;
}
