/** What tests of images do with a box again and again. */

import { deepEqual, ok } from "node:assert/strict";
import type { Box, Ran } from "../kernel/box.ts";
import { makeRootArchive } from "./image_maker.ts";

/** Waits for a command that must succeed and have nothing to remark; gives what it printed. */
export async function done(ran: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await ran;
  deepEqual([code, stderr], [0, ""]);
  return stdout;
}

/** Imports the box's busybox root by that name. */
export async function importRoot(box: Box, name: string, ...flags: readonly string[]): Promise<string> {
  const archive = await makeRootArchive(`${box.directory}/root.tar`, box.rootfs);
  return await done(box.run("import", ...flags, archive, name));
}

/** Finds the store sound, but for what was half done and belongs to nothing. */
export async function expectSound(box: Box, where: string): Promise<void> {
  const { stdout, stderr } = await box.run("system", "check");
  const isSound = stdout.split("\n").every((line) =>
    !line.startsWith("Damaged") || /never finished/.test(line)
  );
  ok(isSound && stderr === "", `${where}: ${stdout}${stderr}`);
}

/** What the store has, without the lock files. */
export function storeFiles(box: Box): readonly string[] {
  return ["blobs", "blobs/sha256", "layers"].flatMap((folder) =>
    Array.from(Deno.readDirSync(`${box.state}/${folder}`), ({ name }) => `${folder}/${name}`)
  ).filter((name) => name !== "blobs/sha256").sort();
}
