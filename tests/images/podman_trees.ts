/** Podman with a store in the box, and a listing of what it and myctr unpacked, by programs that everybody trusts. */

import { equal } from "node:assert/strict";
import type { Box, Ran } from "../kernel/box.ts";
import { done } from "./image_box.ts";

/** What a tree has. */
export interface Tree {
  /** Kind, permissions, owners, time, links, size and name, by the name; the top is left out: podman changes it. */
  readonly names: readonly string[];
  /** Digests of contents. */
  readonly contents: readonly string[];
  readonly attributes: string;
}

const LIST = `
cd "$1"
find . -mindepth 1 -printf '%P|%y|%m|%U:%G|%T@|%l|%n' \\( -type f -printf '|%s' -o -true \\) -printf '\\0' | sort -z
printf '\\0'
find . -type f -print0 | sort -z | xargs -0r sha256sum -z
printf '\\0'
getfattr -hR -d -m '^(user|security.capability)' . | sort
`;

/** Lists the only directory of a directory: layers have one each. `run` may be another user's. */
async function listTree(
  directory: string,
  run: (...words: readonly string[]) => Promise<Ran>,
): Promise<Tree> {
  const layers = Array.from(Deno.readDirSync(directory)).filter((entry) => entry.isDirectory);
  equal(layers.length, 1, JSON.stringify(layers));
  const { code, stdoutBytes, stderr } = await run(
    "bash",
    "-ec",
    LIST,
    "-",
    `${directory}/${layers[0]!.name}`,
  );
  equal(code, 0, stderr);
  // Names are bytes, which need not be UTF-8.
  const [names = "", contents = "", attributes = ""] = new TextDecoder("latin1").decode(stdoutBytes).split(
    "\0\0",
  );
  return { names: names.split("\0"), contents: contents.split("\0"), attributes };
}

/** Runs podman. */
export type Podman = (...words: readonly string[]) => ReturnType<Box["exec"]>;

/** Podman of the box's user, with a store in the box; and a look at a directory as that user's root. */
export async function withPodman(
  box: Box,
  work: (podman: Podman, list: (directory: string) => ReturnType<typeof listTree>) => Promise<void>,
): Promise<void> {
  await done(box.exec(box.as("mkdir", "-m", "700", `${box.work}/r`)));
  const env = { HOME: box.work, XDG_RUNTIME_DIR: `${box.work}/r` };
  const stores = ["--root", `${box.work}/podman`, "--runroot", `${box.work}/r`];
  const words = [
    "podman",
    ...stores,
    "--storage-driver=vfs",
    "--cgroup-manager=cgroupfs",
    "--events-backend=none",
  ];
  const as = (...more: readonly string[]) => box.exec(box.as(...more), { env });
  const inside = box.user === "root" ? [] : [...words, "unshare"];
  try {
    await work(
      (...more) => as(...words, ...more),
      (directory) => listTree(directory, (...more) => as(...inside, ...more)),
    );
  } finally {
    // What other ids own can't be removed by the user alone.
    await as(...inside, "rm", "-rf", `${box.work}/podman`);
    // It leaves a process that keeps its user namespace.
    if (box.user !== "root") await as(...words, "system", "migrate");
  }
}
