/** `myctr __files`: does a task on the files below the descriptor that it was started with; see root_view.ts. */

import { cString } from "../../ffi/cstring.ts";
import { S_IF } from "../../ffi/constants/open.ts";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { Fd } from "../../ffi/fd.ts";
import { openInRoot, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { CtrError } from "../errors.ts";
import { packName, packTree } from "../image/pack_tree.ts";
import { unpackLayer } from "../image/unpack_layer.ts";
import { VIEW } from "../plan/view_plan.ts";

/** What is to be done. Paths of the root are absolute as the container sees them. */
export type FilesTask =
  /** What a path is; `followed`: where its last part leads to, if it is a link. */
  | { readonly do: "look"; readonly path: string; readonly followed: boolean }
  /** Writes an archive of a path to standard output, its top called so. */
  | { readonly do: "pack"; readonly path: string; readonly topName: string; readonly followed: boolean }
  /** Unpacks standard input into a directory of the root. */
  | { readonly do: "unpack"; readonly path: string; readonly hasOwners: boolean }
  /** Copies a directory of the root, if it is one, into an empty directory of this machine. */
  | { readonly do: "copy"; readonly path: string; readonly to: string; readonly isAllRoots: boolean };

/** What a path is. */
export type Looked =
  | { readonly kind: "missing" }
  | { readonly kind: "directory" | "file" | "link" | "other"; readonly target?: string };

/** Does the task, and writes what came of it into a file. */
export async function workAsAsked(answer: string, asked: string): Promise<void> {
  const task = JSON.parse(asked) as FilesTask;
  let told: unknown;
  try {
    told = { result: await work(task) };
  } catch (error) {
    const { code = "internal", message, hint } = error as Partial<CtrError> & Error;
    told = { error: { code, message, ...(hint !== undefined && { hint }) } };
  }
  Deno.writeTextFileSync(answer, JSON.stringify(told));
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

async function pack({ path, topName, followed }: FilesTask & { do: "pack" }): Promise<void> {
  using directory = maybeOpen(path, O.O_RDONLY | O.O_DIRECTORY | (followed ? 0 : O.O_NOFOLLOW));
  if (directory !== undefined) return await toOutput(packTree(directory.number, { topName }));
  const slash = path.lastIndexOf("/");
  using parent = maybeOpen(path.slice(0, slash) || "/", O.O_RDONLY | O.O_DIRECTORY);
  if (parent === undefined) throw missing(path);
  await toOutput(packName(parent.number, cString(path.slice(slash + 1)), { topName }));
}

async function toOutput(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) {
    for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
  }
}

async function copy({ path, to, isAllRoots }: FilesTask & { do: "copy" }): Promise<boolean> {
  using directory = maybeOpen(path, O.O_RDONLY | O.O_DIRECTORY);
  if (directory === undefined) return false;
  await unpackLayer(to, packTree(directory.number), { isLiteral: true, isAllRoots });
  return true;
}

function missing(path: string): CtrError {
  return new CtrError("not_found", `Cannot find ${JSON.stringify(path)}: it is not in the container`, {
    hint: "Write the path as the container sees it",
  });
}
