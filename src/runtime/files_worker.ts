/** `myctr __files`: does a task on the files below the descriptor that it was started with; see root_view.ts. */

import { cString } from "../../ffi/cstring.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { dup, writeAll } from "../../ffi/descriptor.ts";
import { Fd } from "../../ffi/fd.ts";
import { openInRoot, openPath, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { makeDirectory, readLinkAt, setOwnerOf } from "../../ffi/tree.ts";
import { CtrError } from "../errors.ts";
import { compress } from "../image/compress.ts";
import { OPAQUE, WHITEOUT } from "../image/layer_marks.ts";
import { packName, packTree } from "../image/pack_tree.ts";
import { startDigest } from "../image/store.ts";
import { type TarEntry, TarReader } from "../image/tar_reader.ts";
import { unpackLayer } from "../image/unpack_layer.ts";
import { ANSWER, VIEW } from "../plan/view_plan.ts";
import { imageStore } from "./find_image.ts";
import { readInRoot } from "./look_at_root.ts";
import { matchSources, packSources, type Source, type SourceOptions } from "./source_files.ts";
import { answerOf } from "./worker_answer.ts";

/** What is to be done. Paths of the root are absolute as the container sees them. */
export type FilesTask =
  /** What a path is; `followed`: where its last part leads to, if it is a link. */
  | { readonly do: "look"; readonly path: string; readonly followed: boolean }
  /** Writes an archive of a path to standard output, its top called so. */
  | {
    readonly do: "pack";
    readonly path: string;
    readonly topName: string;
    readonly followed: boolean;
    readonly isOneMount?: boolean;
  }
  /** Unpacks standard input into a directory of the root. */
  | { readonly do: "unpack"; readonly path: string; readonly hasOwners: boolean }
  /** Copies a directory of the root, if it is one, into an empty directory of this machine. */
  | { readonly do: "copy"; readonly path: string; readonly to: string; readonly isAllRoots: boolean }
  /** Compares what a container has written, in its own layer, with the root below it. */
  | { readonly do: "compare"; readonly upper: string; readonly places: readonly string[] }
  /** Makes a blob of what a container has written. */
  | { readonly do: "layer" } & LayerOptions
  /** Finds what fits patterns: a list of sources for each. */
  | { readonly do: "match"; readonly patterns: readonly string[] }
  /** Writes an archive of sources to standard output. */
  | {
    readonly do: "packSources";
    readonly sources: readonly Source[];
    readonly topName?: string;
    readonly owner: Owner;
  }
  /** Unpacks standard input into a directory of the root, which is made where it is missing; then as "layer". */
  | { readonly do: "receive"; readonly path: string; readonly owner: Owner } & LayerOptions
  /** Reads a file, as far as it is one: "" else. */
  | { readonly do: "read"; readonly path: string };

/** What a layer is made of. */
export interface LayerOptions {
  readonly upper: string;
  readonly places: readonly string[];
  /** In seconds since 1970: what is newer is as old as that. */
  readonly latest?: number | undefined;
}

/** Who files are to belong to, and the mode that they are to have; what is absent stays as it is. */
export interface Owner {
  readonly ids?: { readonly uid: number; readonly gid: number };
  readonly mode?: number;
}

/** A path that a container has added, changed or deleted, in docker's letters. */
export interface Change {
  readonly kind: "A" | "C" | "D";
  readonly path: string;
}

/** A layer in the store, compressed. */
export interface MadeLayer {
  readonly digest: string;
  readonly size: number;
  /** Of its content. */
  readonly diffId: string;
}

/** What a path is. */
export type Looked =
  | { readonly kind: "missing" }
  | { readonly kind: "directory" | "file" | "link" | "other"; readonly target?: string };

/** Does the task, and writes what came of it, on one line, into the file that is open for that. */
export async function workAsAsked(asked: string): Promise<void> {
  const task = JSON.parse(asked) as FilesTask;
  const answer = await answerOf(() => work(task));
  unwrap(writeAll(ANSWER, new TextEncoder().encode(`${answer}\n`)), "write the answer");
}

async function work(task: FilesTask): Promise<unknown> {
  switch (task.do) {
    case "look":
      return look(task.path, task.followed);
    case "pack":
      return await pack(task);
    case "unpack":
      return await unpackLayer(`/proc/self/fd/${VIEW}`, Deno.stdin.readable, {
        isLiteral: true,
        below: task.path,
        isAllRoots: !task.hasOwners,
      });
    case "copy":
      return await copy(task);
    case "compare":
      return await compare(task);
    case "layer":
      return await makeLayer(task);
    case "match":
      return task.patterns.map((pattern) => matchSources(VIEW, pattern));
    case "packSources":
      return await toOutput(packSources(VIEW, task.sources, sourceOptions(task)));
    case "receive":
      return await receive(task);
    case "read": {
      using root = new Fd(unwrap(dup(VIEW), "open the root").release());
      return readInRoot(root, task.path);
    }
  }
}

function sourceOptions({ topName, owner }: FilesTask & { do: "packSources" }): SourceOptions {
  return { rewrite: rewriteOwner(owner), ...(topName !== undefined && { topName }) };
}

/** Gives files to somebody. */
export function rewriteOwner({ ids, mode }: Owner): (entry: TarEntry) => TarEntry {
  return (entry) => ({ ...entry, ...ids, ...(mode !== undefined && entry.type !== "symlink" && { mode }) });
}

async function receive({ path, owner, ...options }: FilesTask & { do: "receive" }): Promise<MadeLayer> {
  makeDirectories(path, owner);
  await unpackLayer(`/proc/self/fd/${VIEW}`, Deno.stdin.readable, { isLiteral: true, below: path });
  return await makeLayer(options);
}

/** As many links as the kernel follows. */
const MAX_LINKS = 40;

/** Makes what is missing of a path, each part below the one before, as the root sees it; also what a link leads to. */
function makeDirectories(path: string, owner: Owner, links = 0): void {
  const { uid, gid } = owner.ids ?? { uid: 0, gid: 0 };
  let parent = "/";
  for (const name of path.split("/").filter((each) => each !== "")) {
    using directory = unwrap(
      openInRoot(parent, { dirfd: VIEW, flags: O.O_RDONLY | O.O_DIRECTORY }),
      `open ${parent}`,
    );
    const made = makeDirectory(directory.number, cString(name), 0o755);
    if (made === 0) setOwnerOf(directory.number, cString(name), uid, gid);
    const target = made === -ERRNO.EEXIST ? readLinkAt(directory.number, cString(name)) : made;
    if (typeof target === "string" && links < MAX_LINKS) {
      makeDirectories(target.startsWith("/") ? target : `${parent}/${target}`, owner, links + 1);
    }
    parent = `${parent === "/" ? "" : parent}/${name}`;
  }
}
/** Opens a name of the root; undefined where nothing is there. The last part of a path may be a link, not followed. */
function maybeOpen(path: string, flags: number): Fd | undefined {
  const opened = openInRoot(path, { dirfd: VIEW, flags });
  if (opened.ok) return opened.value;
  if (opened.errno === ERRNO.ENOENT || opened.errno === ERRNO.ENOTDIR) return undefined;
  return unwrap(opened, `open ${path}`);
}

function look(path: string, followed: boolean): Looked {
  using fd = maybeOpen(path, O.O_PATH | (followed ? 0 : O.O_NOFOLLOW));
  if (fd === undefined) return { kind: "missing" };
  const { mode } = unwrap(readStatus(fd.number), `look at ${path}`);
  const type = mode & S_IF.S_IFMT;
  if (type === S_IF.S_IFDIR) return { kind: "directory" };
  if (type === S_IF.S_IFREG) return { kind: "file" };
  return { kind: type === S_IF.S_IFLNK ? "link" : "other" };
}

async function pack(
  { path, topName, followed, isOneMount = false }: FilesTask & { do: "pack" },
): Promise<void> {
  using directory = maybeOpen(path, O.O_RDONLY | O.O_DIRECTORY | (followed ? 0 : O.O_NOFOLLOW));
  if (directory !== undefined) return await toOutput(packTree(directory.number, { topName, isOneMount }));
  const slash = path.lastIndexOf("/");
  using parent = maybeOpen(path.slice(0, slash) || "/", O.O_RDONLY | O.O_DIRECTORY);
  if (parent === undefined) throw missing(path);
  await toOutput(packName(parent.number, cString(path.slice(slash + 1)), { topName }));
}

/** Where its reader has gone away the rest is dropped: that one knows why. */
async function toOutput(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of bytes) {
      for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function copy({ path, to, isAllRoots }: FilesTask & { do: "copy" }): Promise<boolean> {
  using directory = maybeOpen(path, O.O_RDONLY | O.O_DIRECTORY);
  if (directory === undefined) return false;
  await unpackLayer(to, packTree(directory.number), { isLiteral: true, isAllRoots });
  return true;
}

function openUpper(upper: string): Fd {
  return unwrap(
    openPath(upper, { flags: O.O_RDONLY | O.O_DIRECTORY }),
    "open what the container has written",
  );
}

/** The archive of a layer says all there is to say, but for what was there before. */
async function compare({ upper, places }: FilesTask & { do: "compare" }): Promise<readonly Change[]> {
  using directory = openUpper(upper);
  const changes: Change[] = [];
  const reader = new TarReader(packTree(directory.number, { isLayer: true, places: placeNames(places) }));
  for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
    const path = entry.path.replace(/^\./, "").replace(/\/$/, "");
    const [, parent = "", name = ""] = /^(.*)\/([^/]*)$/.exec(path) ?? [];
    if (path === "" || name === OPAQUE) continue;
    if (name.startsWith(WHITEOUT)) {
      changes.push({ kind: "D", path: `${parent}/${name.slice(WHITEOUT.length)}` });
    } else changes.push({ kind: look(path, false).kind === "missing" ? "A" : "C", path });
  }
  return changes;
}

/** As they stand in the archive. */
function placeNames(places: readonly string[]): ReadonlySet<string> {
  return new Set(places.map((place) => `.${place}`));
}

/** Makes it, with the rights that this process has over its files. */
export async function makeLayer({ upper, places, latest }: LayerOptions): Promise<MadeLayer> {
  using directory = openUpper(upper);
  const digester = await startDigest();
  const packing = {
    isLayer: true,
    places: placeNames(places),
    ...(latest !== undefined && { rewrite: (entry: TarEntry) => asOldAs(entry, latest) }),
  };
  const archive = async function* () {
    for await (const chunk of packTree(directory.number, packing)) {
      digester.update(chunk);
      yield chunk;
    }
  };
  const written = await imageStore().writeBlob(compress(archive()));
  return { ...written, diffId: digester.finish() };
}

function asOldAs(entry: TarEntry, seconds: number): TarEntry {
  return entry.mtime.seconds < seconds ? entry : { ...entry, mtime: { seconds, nanoseconds: 0 } };
}

function missing(path: string): CtrError {
  return new CtrError("not_found", `Cannot find ${JSON.stringify(path)}: it is not in the container`, {
    hint: "Write the path as the container sees it",
  });
}
