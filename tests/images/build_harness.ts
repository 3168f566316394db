/** What tests of builds do again and again. */

import { equal } from "node:assert/strict";
import type { Box } from "../kernel/box.ts";
import { done } from "./image_box.ts";

/** Writes files into a context, below the box's working directory; gives its path. */
export async function context(box: Box, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = `${box.work}/context`;
  for (const [name, text] of Object.entries(files)) {
    const path = `${directory}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
  const owned = await box.exec(["chmod", "-R", "a+rX", directory]);
  equal(owned.code, 0);
  return directory;
}

/** Runs a shell command in an image; gives what it printed. */
export async function inImage(box: Box, image: string, command: string): Promise<string> {
  return await done(box.run("run", "--rm", image, "sh", "-c", command));
}

/** The lines of a build that say which steps were there already. */
export function cachedSteps(stderr: string): readonly string[] {
  return stderr.split("\n").filter((line) => line.endsWith("(cached)"))
    .map((line) => line.replace(/^\[\S+ \S+\] (\S+).*/, "$1"));
}
