/** `myctr __files`: works on the files of a container, with its root at hand. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const FILES = {
  path: "myctr __files",
  description: "Do a task on the files of a container, and tell what came of it",
  options: [],
  operands: [{ name: "asked", isRequired: true }],
} as const satisfies Declaration;

/** Makes the command. */
export function filesCommand(): Runnable {
  return runnable(FILES, async ({ operands: { asked } }) => {
    await (await import("../runtime/files_worker.ts")).workAsAsked(asked);
    return 0;
  });
}
