/** The directory that a build takes files from. */

import type { Fd } from "../../ffi/fd.ts";
import { openInRoot, openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { CtrError } from "../errors.ts";
import { readInRoot } from "../runtime/look_at_root.ts";
import { type Ignore, parseIgnore } from "./ignore.ts";

/** An open context. */
export interface Context extends Disposable {
  readonly directory: Fd;
  /** What of it is left out. */
  readonly isLeftOut: Ignore;
}

/** What a build reads, and what it is called in messages. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

const FILES = ["Containerfile", "Dockerfile"] as const;
/** Larger ones are no instructions of people's. */
const MAX_FILE = 16 * 1024 * 1024;

/** Opens a directory as context. @throws {CtrError} code "not_found" */
export function openContext(path: string, file: string | undefined): Context {
  const opened = openPath(path, { flags: O.O_RDONLY | O.O_DIRECTORY });
  if (!opened.ok) {
    throw new CtrError(
      "not_found",
      `Cannot use context ${JSON.stringify(path)}: it is no directory that can be read`,
      {
        hint: "Write the directory that holds the files of the build, such as .",
      },
    );
  }
  const directory = opened.value;
  const own = file === undefined ? [] : [`${base(file)}.containerignore`, `${base(file)}.dockerignore`];
  const names = [...own, ".containerignore", ".dockerignore"];
  const name = names.find((each) => isThere(directory, each));
  const isLeftOut = parseIgnore(name === undefined ? "" : readInRoot(directory, name, MAX_FILE));
  return { directory, isLeftOut, [Symbol.dispose]: () => directory[Symbol.dispose]() };
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isThere(directory: Fd, name: string): boolean {
  const opened = openInRoot(name, { dirfd: directory.number, flags: O.O_PATH });
  if (opened.ok) opened.value[Symbol.dispose]();
  return opened.ok;
}

/** Reads the file of instructions: that which is named, - for standard input, or the usual one in the context. */
export async function readContainerfile(context: string, file: string | undefined): Promise<Source> {
  if (file === "-") {
    return { name: "standard input", text: await new Response(Deno.stdin.readable).text() };
  }
  const path = file ?? FILES.map((name) => `${context}/${name}`).find(isFile);
  if (path === undefined) {
    throw new CtrError(
      "not_found",
      `Cannot build ${JSON.stringify(context)}: it has no ${FILES.join(" and no ")}`,
      {
        hint: "Name the file: myctr build -f FILE",
      },
    );
  }
  if (!isFile(path)) {
    throw new CtrError("not_found", `Cannot read ${JSON.stringify(path)}: there is no such file`, {
      hint: "Check the path behind --file",
    });
  }
  if (Deno.statSync(path).size > MAX_FILE) {
    throw new CtrError("usage", `Cannot read ${JSON.stringify(path)}: it is larger than ${MAX_FILE} bytes`, {
      hint: "Name a Containerfile",
    });
  }
  return { name: file ?? base(path), text: Deno.readTextFileSync(path) };
}

/** Whether a path is that of a file, or leads to one. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
