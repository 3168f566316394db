/**
 * Files below an open directory, named by patterns, as an archive: what COPY takes from a context or another root. Links are
 * looked up as if that directory were the root: none leads out of it.
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { cString, decodeBytes } from "../../ffi/cstring.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openInRoot, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { listNames } from "../../ffi/tree.ts";
import { packContent, packEntry, type PackOptions } from "../image/pack_tree.ts";
import type { Bytes } from "../image/store.ts";
import { isPattern, patternSource } from "../spec/name_pattern.ts";
import { TAR_END } from "../image/tar_writer.ts";

/** Something that was found. */
export interface Source {
  /** From the directory on, without a slash at its beginning; "" is the directory itself. */
  readonly path: string;
  readonly isDirectory: boolean;
}

/** How sources are packed. */
export interface SourceOptions extends Pick<PackOptions, "rewrite"> {
  /** What a single file is called, in place of its own name. */
  readonly topName?: string;
  /** Whether a path, from the directory on, is left out. */
  readonly isLeftOut?: (path: string) => boolean;
}

/** Opens a path below the directory; undefined where nothing is there. */
function maybeOpen(directory: number, path: string, flags: number): Fd | undefined {
  const opened = openInRoot(path === "" ? "." : path, { dirfd: directory, flags });
  if (opened.ok) return opened.value;
  if (opened.errno === ERRNO.ENOENT || opened.errno === ERRNO.ENOTDIR) return undefined;
  return unwrap(opened, `open ${path}`);
}

/** Finds what fits a pattern of path.Match of Go: `*`, `?`, `[a-z]`, none of which is a slash. In the order of their names. */
export function matchSources(directory: number, pattern: string): readonly Source[] {
  let paths = [""];
  for (const part of pattern.split("/").filter((each) => each !== "" && each !== ".")) {
    paths = isPattern(part)
      ? paths.flatMap((parent) => matchNames(directory, parent, part))
      : paths.map((parent) => joined(parent, part));
  }
  return paths.flatMap((path) => {
    using found = maybeOpen(directory, path, O.O_PATH);
    if (found === undefined) return [];
    const { mode } = unwrap(readStatus(found.number), `look at ${path}`);
    return [{ path, isDirectory: (mode & S_IF.S_IFMT) === S_IF.S_IFDIR }];
  });
}

function joined(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

function matchNames(directory: number, parent: string, part: string): readonly string[] {
  using opened = maybeOpen(directory, parent, O.O_RDONLY | O.O_DIRECTORY);
  if (opened === undefined) return [];
  const names = listNames(opened.number);
  if (typeof names === "number") return [];
  const pattern = new RegExp(`^${patternSource(part)}$`, "su");
  return names.map((name) => decodeBytes(name.subarray(0, -1))).filter((name) => pattern.test(name)).sort()
    .map((name) => joined(parent, name));
}

/** Streams them: of a directory what is in it. */
export async function* packSources(
  directory: number,
  sources: readonly Source[],
  { topName, isLeftOut, rewrite }: SourceOptions = {},
): Bytes {
  for (const { path, isDirectory } of sources) {
    const within = (archived: string) => joined(path, archived.replace(/^\.\//, ""));
    const common = {
      ...(rewrite !== undefined && { rewrite }),
      ...(isLeftOut !== undefined && { isLeftOut: (archived: string) => isLeftOut(within(archived)) }),
    };
    if (isDirectory) {
      using opened = unwrap(
        openInRoot(path === "" ? "." : path, { dirfd: directory, flags: O.O_RDONLY | O.O_DIRECTORY }),
        `open ${path}`,
      );
      yield* packContent(opened.number, common);
      continue;
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (isLeftOut?.(path)) continue;
    yield* packFile(directory, path, { ...common, topName: topName ?? name });
  }
  yield TAR_END;
}

/** A link that is named itself leads to what is copied. */
async function* packFile(
  directory: number,
  path: string,
  { rewrite, topName }: PackOptions & { readonly topName: string },
): Bytes {
  using opened = unwrap(openInRoot(path, { dirfd: directory, flags: O.O_PATH }), `open ${path}`);
  const real = realPathOf(opened, directory);
  const slash = real.lastIndexOf("/");
  using parent = unwrap(
    openInRoot(slash < 0 ? "." : real.slice(0, slash), {
      dirfd: directory,
      flags: O.O_RDONLY | O.O_DIRECTORY,
    }),
    `open ${path}`,
  );
  const options = { topName, ...(rewrite !== undefined && { rewrite }) };
  yield* packEntry(parent.number, cString(real.slice(slash + 1)), options);
}

/** Where an open file is, from the directory on. */
function realPathOf(file: Fd, directory: number): string {
  const [top, path] = [directory, file.number].map((fd) => Deno.readLinkSync(`/proc/self/fd/${fd}`));
  return path!.slice(top === "/" ? 1 : top!.length + 1);
}
