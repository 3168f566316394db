/** `myctr load`: images of an archive that docker, podman or skopeo has written. */

import type { LoadedImage } from "../runtime/add_images.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Takes in all images of an archive; `-` is standard input. */
export type LoadImages = (path: string) => Promise<readonly LoadedImage[]>;

const LOAD = {
  path: "myctr load",
  description: "Load images from an archive of docker, podman or skopeo",
  options: [
    HELP_OPTION,
    {
      name: "input",
      long: "--input",
      short: "-i",
      placeholder: "file",
      kind: "file",
      description: "read a file or directory, in place of standard input",
    },
    { name: "quiet", long: "--quiet", short: "-q", description: "print names or ids alone" },
  ],
  operands: [],
  examples: ["myctr load --input image.tar", "podman save alpine | myctr load"],
} as const satisfies Declaration;

/** Makes the command; `load` is another one in tests. */
export function loadCommand(load: LoadImages = loadImages): Runnable {
  return runnable(LOAD, async ({ options: { input = "-", quiet } }, session) => {
    const lines = (await load(input)).flatMap(({ id, names }) =>
      names.length > 0
        ? names.map((name) => quiet ? name : `Loaded image: ${name}`)
        : [quiet ? id : `Loaded image ID: ${id}`]
    );
    session.print(lines.map((line) => `${line}\n`).join(""));
    return 0;
  });
}

async function loadImages(path: string): Promise<readonly LoadedImage[]> {
  const { loadImages, openArchive } = await import("../runtime/add_images.ts");
  const { familiarText } = await import("../image/reference.ts");
  const loaded = await loadImages(await openArchive(path));
  return loaded.map(({ id, names }) => ({ id, names: names.map(familiarText) }));
}
