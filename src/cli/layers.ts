/** `myctr __layers`: works on layers with the rights of the user namespace that it was started in. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const LAYERS = {
  path: "myctr __layers",
  description: "Work on layers of images, and write into a file what came of it",
  options: [],
  operands: [{ name: "answer", isRequired: true }, { name: "asked", isRequired: true }],
} as const satisfies Declaration;

/** Makes the command. */
export function layersCommand(): Runnable {
  return runnable(LAYERS, async ({ operands: { answer, asked } }) => {
    await (await import("../runtime/layers_worker.ts")).workAsAsked(answer, asked);
    return 0;
  });
}
