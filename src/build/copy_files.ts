/** COPY and ADD: finds files, decides where they go, and brings them there. */

import type { Fd } from "../../ffi/fd.ts";
import { openInRoot } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { decompress } from "../image/decompress.ts";
import { type Bytes, readPieces, startDigest } from "../image/store.ts";
import { encodeTarHeader, tarPadding } from "../image/tar_writer.ts";
import { copyStep, matchInImage, packFromImage } from "../runtime/build_step.ts";
import { type MadeLayer, type Owner, rewriteOwner } from "../runtime/files_worker.ts";
import type { Layer } from "../runtime/find_image.ts";
import { matchSources, packSources, type Source } from "../runtime/source_files.ts";
import { cleanPath } from "../spec/clean_path.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import { escapePattern } from "../spec/name_pattern.ts";
import type { Context } from "./context.ts";
import { parseIgnore } from "./ignore.ts";
import { joinPath } from "./image_state.ts";
import type { Instruction } from "./instruction.ts";
import { ProblemError } from "./problem.ts";
import { sniffArchive } from "./sniff_archive.ts";
import { documentText, type Heredoc } from "./source_lines.ts";

/** What is copied, and where. */
export interface CopyRequest {
  /** Expanded. */
  readonly instruction: Instruction;
  readonly image: ImageDefaults;
  readonly workdir: string;
  readonly context: Context;
  readonly owner: Owner;
  /** Where --from leads; absent: to the context. */
  readonly from: ImageDefaults | undefined;
  readonly excluded: readonly string[];
  /** In seconds since 1970: no file is newer. */
  readonly latest: number | undefined;
  readonly expandDocument: (text: string) => string;
  /** Takes what was made of the same before, or makes it. */
  readonly cached: (key: object, make: () => Promise<MadeLayer>) => Promise<Layer>;
}

/** Copies. @throws {ProblemError} for sources that are not there, and targets that can't be */
export async function copyFiles(request: CopyRequest): Promise<Layer> {
  const { instruction, owner, from, latest } = request;
  const words = instruction.args.slice(0, -1);
  const documents = words.flatMap((word) => documentOf(word, instruction) ?? []);
  const patterns = words.filter((word) => documentOf(word, instruction) === undefined);
  if (instruction.name === "add") refuseUrls(patterns, instruction);
  if (from === undefined) {
    return await copyFound(request, { documents, found: await findSources(patterns, request) });
  }
  // What another root has is known by its layers: nobody need look.
  const key = { from: from.layers, patterns, to: instruction.args.at(-1), workdir: request.workdir, owner };
  return await request.cached(key, async () => {
    const found = await findSources(patterns, request);
    const { place, archive } = await placed(request, { documents, found });
    return await copyStep(request.image, { path: place.below, owner, archive: archive(false), latest });
  });
}

interface Found {
  readonly documents: readonly Heredoc[];
  readonly found: readonly Source[];
}

async function copyFound(request: CopyRequest, sources: Found): Promise<Layer> {
  const { image, owner, latest } = request;
  const { place, archive, isArchive } = await placed(request, sources);
  const key = { copy: place, owner, isArchive, content: await digestOf(archive(true)) };
  return await request.cached(
    key,
    () => copyStep(image, { path: place.below, owner, archive: archive(false), latest }),
  );
}

interface Placed {
  readonly place: Place;
  readonly isArchive: boolean;
  readonly archive: (isKey: boolean) => Bytes;
}

/** Decides where they go. Source: Dockerfile reference, COPY. */
async function placed(request: CopyRequest, { documents, found }: Found): Promise<Placed> {
  const { instruction, image, workdir } = request;
  const to = instruction.args.at(-1)!;
  const isMany = found.length + documents.length > 1;
  const hasSlash = /(^|\/)\.?$/.test(to);
  // A pattern that finds several has a directory as its target anyway.
  if (instruction.args.length > 2 && !hasSlash) {
    throw new ProblemError(
      instruction.argsAt.at(-1)!,
      `${JSON.stringify(to)} takes several files, and does not end with a slash`,
      `Write ${to}/`,
    );
  }
  const path = joinPath(workdir, to);
  const [only] = found;
  const isArchive = instruction.name === "add" && !isMany && await isUnpacked(only, request);
  const isSingleFile = !isArchive && !isMany && !hasSlash && !(only?.isDirectory ?? false);
  const isInside = isSingleFile && await isDirectory(image, path);
  const place: Place = isSingleFile && !isInside
    ? { below: path.slice(0, path.lastIndexOf("/")) || "/", topName: path.slice(path.lastIndexOf("/") + 1) }
    : { below: path };
  const archive = (isKey: boolean) =>
    isArchive ? decompressed(openFile(request.context.directory.number, only!.path)) : joinedArchives([
      ...documents.map((document) => packDocument(document, request, place.topName)),
      packFound(found, request, { ...place, isKey }),
    ]);
  return { place, isArchive, archive };
}

interface Place {
  /** The directory of the image. */
  readonly below: string;
  /** What a single file is called there. */
  readonly topName?: string;
}

async function digestOf(archive: Bytes): Promise<string> {
  const digester = await startDigest();
  for await (const chunk of archive) digester.update(chunk);
  return digester.finish();
}

/** A document has none of its own: with the time of the build in it, no two builds would be the same. */
const NO_TIME = { seconds: 0, nanoseconds: 0 } as const;

function documentOf(word: string, { heredocs }: Instruction): Heredoc | undefined {
  const [, name] = /^<<-?["']?([\w.]+)["']?$/.exec(word) ?? [];
  return heredocs.find((each) => each.name === name);
}

async function isDirectory(image: ImageDefaults, path: string): Promise<boolean> {
  const [found = []] = await matchInImage(image, [escapePattern(path)]);
  return found.some((each) => each.isDirectory);
}

function refuseUrls(patterns: readonly string[], { argsAt }: Instruction): void {
  const index = patterns.findIndex((pattern) => /^(https?|git|ssh):\/\//.test(pattern));
  if (index >= 0) {
    throw new ProblemError(argsAt[index]!, "ADD of an address is not there yet", "Fetch it by RUN");
  }
}

async function findSources(
  patterns: readonly string[],
  { instruction, context, from }: CopyRequest,
): Promise<readonly Source[]> {
  const cleaned = patterns.map((pattern) => cleanPath(pattern).slice(1));
  const lists = from === undefined
    ? cleaned.map((pattern) => matchSources(context.directory.number, pattern))
    : await matchInImage(from, cleaned);
  const found = lists.map((list) =>
    from === undefined ? list.filter(({ path }) => path === "" || isKept(path, context)) : list
  );
  const hasAny = found.some((list) => list.length > 0);
  const missing = found.findIndex((list, index) =>
    // A pattern may find nothing where something else is found.
    list.length === 0 && !(hasAny && /[*?[]/.test(patterns[index]!))
  );
  if (missing < 0) return found.flat();
  const why = lists[missing]!.length > 0
    ? "an ignore file leaves it out"
    : `it is not ${from === undefined ? "in the context" : "there"}`;
  throw new ProblemError(
    instruction.argsAt[missing]!,
    `Cannot copy ${JSON.stringify(patterns[missing])}: ${why}`,
  );
}

/** What is in a directory that is left out may still be meant. */
function isKept(path: string, { directory, isLeftOut }: Context): boolean {
  if (!isLeftOut(path)) return true;
  return matchSources(directory.number, `${path}/*`).some((each) => !isLeftOut(each.path));
}

function packFound(
  found: readonly Source[],
  { context, from, owner, excluded }: CopyRequest,
  { topName, isKey }: Place & { readonly isKey: boolean },
): Bytes {
  const named = topName === undefined ? {} : { topName };
  if (from !== undefined) return packFromImage(from, { sources: found, owner, ...named });
  const give = rewriteOwner(owner);
  const isExcluded = parseIgnore(excluded.join("\n"));
  return packSources(context.directory.number, found, {
    ...named,
    // When a file was written is no part of what it is.
    rewrite: (entry) => ({ ...give(entry), ...(isKey && { mtime: NO_TIME }) }),
    isLeftOut: (path) => context.isLeftOut(path) || isExcluded(path),
  });
}

async function* packDocument(
  document: Heredoc,
  { owner, expandDocument }: CopyRequest,
  topName: string | undefined,
): Bytes {
  const text = documentText(document);
  const bytes = new TextEncoder().encode(document.isExpanded ? expandDocument(text) : text);
  yield encodeTarHeader({
    path: topName ?? document.name,
    type: "file",
    mode: owner.mode ?? 0o644,
    uid: owner.ids?.uid ?? 0,
    gid: owner.ids?.gid ?? 0,
    size: bytes.length,
    mtime: NO_TIME,
    linkName: "",
    devMajor: 0,
    devMinor: 0,
    xattrs: new Map(),
  });
  yield bytes;
  yield await Promise.resolve(tarPadding(bytes.length));
}

/** Only the last one brings the end of an archive. */
async function* joinedArchives(archives: readonly Bytes[]): Bytes {
  for (const archive of archives) yield* archive;
}

/** Whether ADD unpacks it: it is an archive by its first bytes, compressed or not. */
async function isUnpacked(source: Source | undefined, { context, from }: CopyRequest): Promise<boolean> {
  if (source === undefined || source.isDirectory || from !== undefined) return false;
  return await holdsArchive(openFile(context.directory.number, source.path));
}

/** Opens a file of the context, which no link leads out of. */
function openFile(directory: number, path: string): Fd {
  return unwrap(openInRoot(path, { dirfd: directory, flags: O.O_RDONLY | O.O_NONBLOCK }), `open ${path}`);
}

async function holdsArchive(file: Fd): Promise<boolean> {
  try {
    return (await sniffArchive(decompressed(file))).isArchive;
  } catch {
    // It is compressed in no way, or in one that is not known: a file like others.
    return false;
  }
}

async function* decompressed(file: Fd): Bytes {
  using opened = file;
  yield* decompress(readPieces(`/proc/self/fd/${opened.number}`));
}
