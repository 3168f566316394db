/**
 * Compares a directory that a layer was unpacked into with the archive that it came from: both are read as archives, and
 * what they say of each name must be the same.
 */

import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { splitPath } from "./layer_tree.ts";
import { packTree } from "./pack_tree.ts";
import { type Bytes, startDigest } from "./store.ts";
import { type TarEntry, TarReader } from "./tar_reader.ts";
import { isKeptAttribute, OPAQUE, OWN_OF_AUFS, WHITEOUT } from "./layer_marks.ts";

/** How the layer was unpacked. */
export interface CompareOptions {
  /** Whether all files belong to root. */
  readonly isAllRoots: boolean;
  /** Whether device files were left out. */
  readonly hasNoDevices: boolean;
}

/** What there is to say of a name, in texts that are the same where that is. */
interface Row {
  readonly kind: TarEntry["type"] | "mark of deletion" | "mark of a new directory";
  readonly permissions: string;
  readonly owner: string;
  readonly time: string;
  /** Digest of a file, target of a link, numbers of a device. */
  readonly content: string;
  readonly attributes: string;
}

/** Gives the first difference, as in `"etc/passwd": another owner`; undefined where there is none. */
export async function compareLayer(
  directory: string,
  archive: Bytes,
  options: CompareOptions,
): Promise<string | undefined> {
  const told = await new Rows(options).read(archive);
  using top: Fd = unwrap(openPath(directory, { flags: O.O_RDONLY | O.O_DIRECTORY }), `open ${directory}`);
  const found = await new Rows(options).read(packTree(top.number, { isLayer: true }));
  return missingIn(found, told, options) ?? addedIn(found, told) ??
    differenceIn(found, told, FIELDS) ?? differenceIn(found, told, ["time"]);
}

type Tree = ReadonlyMap<string, Row>;

function missingIn(found: Tree, told: Tree, { hasNoDevices }: CompareOptions): string | undefined {
  for (const [path, { kind }] of told) {
    const isLeftOut = hasNoDevices && (kind === "char" || kind === "block");
    if (!found.has(path) && !isLeftOut) return `${nameOf(path)}: it is missing`;
  }
  return undefined;
}

function addedIn(found: Tree, told: Tree): string | undefined {
  const unnamed = parentsOf(told.keys());
  for (const [path, { kind }] of found) {
    const isMade = kind === "directory" && unnamed.has(path);
    if (!told.has(path) && !isMade) return `${nameOf(path)}: it is not in the archive`;
  }
  return undefined;
}

/** Times come last: whatever else is changed in a directory changes its time too. */
function differenceIn(found: Tree, told: Tree, fields: readonly (keyof Row)[]): string | undefined {
  for (const [path, row] of told) {
    const other = found.get(path);
    const field = other && fields.find((each) => other[each] !== row[each]);
    if (field === undefined) continue;
    const isLong = field === "content" || field === "attributes";
    const why = isLong
      ? `other ${field} than in the archive`
      : `${field} ${other![field]}, not ${row[field]}`;
    return `${nameOf(path)}: ${why}`;
  }
  return undefined;
}

function nameOf(path: string): string {
  return JSON.stringify(path === "" ? "." : path);
}

const FIELDS = ["kind", "permissions", "owner", "content", "attributes"] as const;

/** Directories that an archive does not name, but what lies in them. */
function parentsOf(paths: Iterable<string>): ReadonlySet<string> {
  const parents = new Set<string>([""]);
  for (const path of paths) {
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const parent = path.slice(0, at);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  }
  return parents;
}

/** Links on the way to a name. */
const MAX_LINKS = 40;

/** What an archive comes to when all of it is unpacked. */
class Rows {
  readonly #options: CompareOptions;
  readonly #rows = new Map<string, Row>();

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  async read(archive: Bytes): Promise<ReadonlyMap<string, Row>> {
    const reader = new TarReader(archive);
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      await this.#add(entry, reader);
    }
    return this.#rows;
  }

  async #add(entry: TarEntry, reader: TarReader): Promise<void> {
    const parts = splitPath(entry.path);
    const name = parts.at(-1) ?? "";
    const parent = this.#resolve(parts.slice(0, -1));
    const at = (last: string) => parent === "" ? last : `${parent}/${last}`;
    if (name === OPAQUE) this.#put(at(name), { ...MARK, kind: "mark of a new directory" });
    else if (name.startsWith(OWN_OF_AUFS)) return;
    else if (name.startsWith(WHITEOUT)) this.#put(at(name.slice(WHITEOUT.length)), MARK);
    else if (entry.type === "hardlink") {
      const target = splitPath(entry.linkName);
      const above = this.#resolve(target.slice(0, -1));
      const row = this.#rows.get(above === "" ? target.at(-1)! : `${above}/${target.at(-1)}`);
      if (row !== undefined) this.#put(at(name), row);
    } else this.#put(at(name), await this.#row(entry, reader));
  }

  /** What is replaced takes all below it along. */
  #put(path: string, row: Row): void {
    const before = this.#rows.get(path);
    this.#rows.set(path, row);
    if (before?.kind !== "directory" || row.kind === "directory") return;
    for (const other of this.#rows.keys()) if (other.startsWith(`${path}/`)) this.#rows.delete(other);
  }

  /** The directory that a path leads to, by the links that the archive has had so far. */
  #resolve(parts: readonly string[]): string {
    let left = [...parts];
    let done: string[] = [];
    for (let links = 0; left.length > 0 && links < MAX_LINKS;) {
      const [first = "", ...rest] = left;
      left = rest;
      if (first === "..") {
        done = done.slice(0, -1);
        continue;
      }
      const link = this.#rows.get([...done, first].join("/"));
      if (link?.kind !== "symlink") done.push(first);
      else {
        links++;
        if (link.content.startsWith("/")) done = [];
        left = [...link.content.split("/").filter((part) => part !== "" && part !== "."), ...left];
      }
    }
    return done.join("/");
  }

  async #row(entry: TarEntry, reader: TarReader): Promise<Row> {
    const { type, mode, uid, gid, mtime } = entry;
    const isLink = type === "symlink";
    return {
      kind: type,
      permissions: isLink ? "" : mode.toString(8),
      owner: this.#options.isAllRoots ? "0:0" : `${uid}:${gid}`,
      time: `${mtime.seconds}.${mtime.nanoseconds}`,
      content: await contentOf(entry, reader),
      attributes: type === "file" || type === "directory" ? attributesOf(entry) : "",
    };
  }
}

const MARK: Row = {
  kind: "mark of deletion",
  permissions: "",
  owner: "",
  time: "",
  content: "",
  attributes: "",
};

async function contentOf(entry: TarEntry, reader: TarReader): Promise<string> {
  const { type, linkName, devMajor, devMinor } = entry;
  if (type === "file") return await digestOf(entry, reader);
  if (type === "symlink") return linkName;
  return type === "char" || type === "block" ? `${devMajor}:${devMinor}` : "";
}

const ZEROS = new Uint8Array(64 * 1024);

/** The digest of a file, its holes filled with zeros. */
async function digestOf({ size, sparse }: TarEntry, reader: TarReader): Promise<string> {
  const digester = await startDigest();
  let at = 0;
  const fillTo = (end: number) => {
    for (; at < end; at += Math.min(ZEROS.length, end - at)) {
      digester.update(ZEROS.subarray(0, Math.min(ZEROS.length, end - at)));
    }
  };
  const parts = [...sparse ?? [{ offset: 0, size }]];
  let left = 0;
  for (let piece = await reader.read(); piece !== undefined; piece = await reader.read()) {
    for (let rest = piece; rest.length > 0;) {
      while (left === 0 && parts.length > 0) {
        const part = parts.shift()!;
        fillTo(part.offset);
        left = part.size;
      }
      // What no part of the map has is nowhere in the file.
      if (left === 0) break;
      const taken = rest.subarray(0, left);
      digester.update(taken);
      at += taken.length;
      left -= taken.length;
      rest = rest.subarray(taken.length);
    }
  }
  fillTo(size);
  return digester.finish();
}

function attributesOf({ xattrs }: TarEntry): string {
  return [...xattrs].filter(([name]) => isKeptAttribute(name))
    .map(([name, value]) => `${name}=${value.toHex()}`).sort().join(" ");
}
