/** `myctr save`: writes images into an archive. */

import { CtrError } from "../errors.ts";
import type { SaveFormat, SaveRequest } from "../runtime/save.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Saves images. */
export type SaveImages = (request: SaveRequest) => Promise<void>;

const FORMATS = ["docker-archive", "oci-archive", "oci-dir"] as const satisfies readonly SaveFormat[];

const SAVE = {
  path: "myctr save",
  description: "Save images into an archive that docker, podman and skopeo read",
  options: [
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: FORMATS,
      description: "docker-archive (default), oci-archive, oci-dir",
      parse: parseFormat,
    },
    HELP_OPTION,
    {
      name: "output",
      long: "--output",
      short: "-o",
      placeholder: "path",
      kind: "file",
      description: "write a file or directory, in place of standard output",
    },
  ],
  operands: [{
    name: "image",
    isRequired: true,
    isVariadic: true,
    kind: "image",
    description: "names or ids",
  }],
  examples: ["myctr save --output alpine.tar alpine", "myctr save app db | ssh host docker load"],
} as const satisfies Declaration;

/** Makes the command; `save` is another one in tests. */
export function saveCommand(save: SaveImages = saveImages): Runnable {
  return runnable(SAVE, async ({ operands, options: { format = "docker-archive", output } }) => {
    await save({ images: operands.image, format, ...(output !== undefined && { path: output }) });
    return 0;
  });
}

function parseFormat(text: string): SaveFormat {
  const found = FORMATS.find((format) => format === text);
  if (found !== undefined) return found;
  throw new CtrError("usage", `Cannot save as ${JSON.stringify(text)}: there is no such format`, {
    hint: `Write one of ${FORMATS.join(", ")}`,
  });
}

async function saveImages(request: SaveRequest): Promise<void> {
  await (await import("../runtime/save.ts")).saveImages(request);
}
