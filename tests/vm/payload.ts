/** The second disk of a machine: the project's executable, deno, and the sources with their tests, as /work. */

import { makeImage } from "./root_image.ts";
import { must } from "./programs.ts";

const TREE = decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");
const FOLDERS = ["src", "ffi", "tests", "deno.json", "deno.lock"] as const;
const SIZE = "512M";

/** Makes the disk in a directory; gives its path. */
export async function makePayload(directory: string): Promise<string> {
  const executable = Deno.env.get("MYCTR_BIN") ?? `${TREE}/dist/myctr`;
  await Deno.stat(executable).catch(() => {
    throw new Error(`There is no ${executable}: run deno task build first`);
  });
  const staging = `${directory}/payload`;
  await Deno.mkdir(`${staging}/bin`, { recursive: true });
  await Deno.mkdir(`${staging}/tree`);
  await copy(executable, `${staging}/bin/myctr`);
  await copy(Deno.execPath(), `${staging}/bin/deno`);
  for (const name of FOLDERS) await copy(`${TREE}/${name}`, `${staging}/tree/${name}`);
  await must("chmod", "-R", "a+rX", staging);
  await makeImage(staging, `${directory}/payload.img`, SIZE);
  await Deno.remove(staging, { recursive: true });
  return `${directory}/payload.img`;
}

async function copy(from: string, to: string): Promise<void> {
  await must("cp", "-r", "--reflink=auto", from, to);
}
