/** `myctr cp` and `myctr export`: files out of a container and into it, as an archive between two processes. */

import { openPipe } from "../../ffi/descriptor.ts";
import { cString } from "../../ffi/cstring.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { packName, packTree } from "../image/pack_tree.ts";
import type { Bytes } from "../image/store.ts";
import { unpackLayer } from "../image/unpack_layer.ts";
import { bytesOf, writeToPipe } from "./archive_pipe.ts";
import { openContainerRoot, type RootedContainer } from "./container_root.ts";
import type { FilesTask, Looked } from "./files_worker.ts";
import { openOutput } from "./open_output.ts";
import { workOnFiles } from "./root_view.ts";

/** How files are copied. */
export interface CopyOptions {
  /** Whether owners are kept; else they are root's in a container, and the caller's outside. */
  readonly hasOwners: boolean;
  /** Whether a link that is named is followed. */
  readonly followed: boolean;
}

/** A side of a copy, as docker looks at it. */
export interface Side {
  /** Absolute, without `.`, `..` and slashes at its end. */
  readonly path: string;
  /** It ended with a slash, or with `/.`. */
  readonly hasSlash: boolean;
  /** It ended with `/.`: what is in it is meant. */
  readonly isContent: boolean;
  readonly kind: Looked["kind"];
}

/** Where an archive is unpacked, and what its top is called there; "." is what is in it. */
export interface Placement {
  readonly below: string;
  readonly topName: string;
}

/** Decides where files go, by docker's rules. Pure. @throws {CtrError} code "usage" */
export function placeCopy(from: Side, to: Side, parentKind: () => Looked["kind"]): Placement {
  const isDirectory = from.kind === "directory";
  if (to.kind === "directory") {
    const topName = isDirectory && from.isContent ? "." : baseOf(from.path);
    return { below: to.path, topName };
  }
  if (to.kind === "missing") {
    if (to.hasSlash && !isDirectory) throw copyError(to, "there is no such directory");
    if (parentKind() !== "directory") throw copyError(to, "its directory does not exist");
  } else if (isDirectory) throw copyError(to, "a directory can not take the place of what is none");
  else if (to.hasSlash) throw copyError(to, "it is no directory");
  return { below: parentOf(to.path), topName: baseOf(to.path) };
}

function copyError({ path }: Side, why: string): CtrError {
  return new CtrError("usage", `Cannot copy to ${JSON.stringify(path)}: ${why}`, {
    hint: "Make the directory first, or name another place",
  });
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || ".";
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** Takes a path apart. Pure. `base` is what a relative one begins at. */
export function parseSide(path: string, base: string): Omit<Side, "kind"> {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : `${base}/`}${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const isContent = path === "." || path.endsWith("/.");
  return { path: `/${parts.join("/")}`, hasSlash: isContent || path.endsWith("/"), isContent };
}

async function lookInside(
  { root }: RootedContainer,
  path: string,
  followed: boolean,
): Promise<Looked["kind"]> {
  return (await workOnFiles<Looked>(root, { do: "look", path, followed })).kind;
}

function lookOutside(path: string, followed: boolean): Looked["kind"] {
  try {
    const { isDirectory, isFile, isSymlink } = followed ? Deno.statSync(path) : Deno.lstatSync(path);
    return isDirectory ? "directory" : isFile ? "file" : isSymlink ? "link" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return "missing";
    const why = error instanceof Error ? error.message.replace(/ \(os error.*$/s, "") : `${error}`;
    throw new CtrError("usage", `Cannot look at ${JSON.stringify(path)}: ${why}`, {
      hint: "Check its permissions",
    });
  }
}

function missing(path: string): CtrError {
  return new CtrError("not_found", `Cannot copy ${JSON.stringify(path)}: it does not exist`, {
    hint: "Check the path",
  });
}

/** Copies out of a container. @throws {CtrError} */
export async function copyOut(
  { container, path, to }: { readonly container: string; readonly path: string; readonly to: string },
  { hasOwners, followed }: CopyOptions,
): Promise<void> {
  using opened = openContainerRoot(container, { hasMounts: true });
  const source = parseSide(path, "");
  const isFollowed = followed || source.hasSlash;
  const from: Side = { ...source, kind: await lookInside(opened, source.path, isFollowed) };
  if (from.kind === "missing") throw missing(`${container}:${from.path}`);
  if (to === "-") {
    return await packOut(opened, { path: from.path, topName: baseOf(from.path), followed: isFollowed });
  }
  const place = parseSide(to, Deno.cwd());
  const target: Side = { ...place, kind: lookOutside(place.path, true) };
  const { below, topName } = placeCopy(from, target, () => lookOutside(parentOf(place.path), true));
  const owner = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
  const what = { path: from.path, topName, followed: isFollowed };
  const options = { isLiteral: true, below: "", ...(hasOwners ? {} : { owner }) };
  await packThrough(opened, what, (archive) => unpackLayer(below, archive, options));
}

/** What of a container is packed. */
type Packed = Omit<Extract<FilesTask, { readonly do: "pack" }>, "do">;

/** Has another process pack files, and takes the archive here; whichever fails ends the other. */
async function packThrough(
  { root }: RootedContainer,
  what: Packed,
  take: (archive: Bytes) => Promise<unknown>,
): Promise<void> {
  using pipe = unwrap(openPipe(O.O_CLOEXEC), "make a pipe");
  // What the other side says is the reason for what went wrong on this one: it says nothing of a reader that is gone.
  const [worked, taken] = await Promise.allSettled([
    workOnFiles(root, { do: "pack", ...what }, { stdout: pipe.writer })
      .finally(() => pipe.writer[Symbol.dispose]()),
    take(bytesOf(pipe.reader)).finally(() => pipe.reader[Symbol.dispose]()),
  ]);
  for (const result of [worked, taken]) if (result.status === "rejected") throw result.reason;
}

async function packOut({ root }: RootedContainer, what: Packed): Promise<void> {
  if (Deno.stdout.isTerminal()) {
    throw new CtrError("usage", "Cannot write an archive: standard output is a terminal", {
      hint: "Redirect it to a file",
    });
  }
  await workOnFiles(root, { do: "pack", ...what });
}

/** Copies into a container. @throws {CtrError} */
export async function copyIn(
  { from, container, path }: { readonly from: string; readonly container: string; readonly path: string },
  { hasOwners, followed }: CopyOptions,
): Promise<void> {
  using opened = openContainerRoot(container, { hasMounts: true });
  const place = parseSide(path, "");
  const target: Side = { ...place, kind: await lookInside(opened, place.path, true) };
  if (from === "-") {
    if (target.kind !== "directory") throw copyError(target, "an archive needs a directory");
    return await workOnFiles(opened.root, { do: "unpack", path: target.path, hasOwners: true });
  }
  const local = parseSide(from, Deno.cwd());
  const source: Side = { ...local, kind: lookOutside(local.path, followed || local.hasSlash) };
  if (source.kind === "missing") throw missing(from);
  const parent = target.kind === "missing"
    ? await lookInside(opened, parentOf(place.path), true)
    : "directory";
  const { below, topName } = placeCopy(source, target, () => parent);
  using pipe = unwrap(openPipe(O.O_CLOEXEC), "make a pipe");
  const task: FilesTask = { do: "unpack", path: below, hasOwners };
  const [worked, packed] = await Promise.allSettled([
    workOnFiles(opened.root, task, { stdin: pipe.reader }).finally(() => pipe.reader[Symbol.dispose]()),
    writeToPipe(pipe.writer, packLocal(source, { topName, followed: followed || local.hasSlash })),
  ]);
  for (const result of [worked, packed]) if (result.status === "rejected") throw result.reason;
}

/** An archive of files of this machine. */
async function* packLocal(
  { kind, path }: Side,
  { topName, followed }: { readonly topName: string; readonly followed: boolean },
): Bytes {
  if (kind === "directory") {
    using directory = unwrap(openPath(path, { flags: O.O_RDONLY | O.O_DIRECTORY }), `open ${path}`);
    return yield* packTree(directory.number, { topName });
  }
  const real = followed ? Deno.realPathSync(path) : path;
  using parent = unwrap(
    openPath(parentOf(real), { flags: O.O_RDONLY | O.O_DIRECTORY }),
    `open ${parentOf(real)}`,
  );
  yield* packName(parent.number, cString(baseOf(real)), { topName });
}

/** Writes all files of a container, but for what is mounted there. @throws {CtrError} */
export async function exportContainer(container: string, path: string | undefined): Promise<void> {
  using opened = openContainerRoot(container);
  const what = { path: "/", topName: ".", followed: true, isOneMount: true };
  if (path === undefined) return await packOut(opened, what);
  await using output = await openOutput(path, "export the container");
  await packThrough(opened, what, async (archive) => {
    for await (const chunk of archive) output.write(chunk);
  });
  await output.finish();
}
