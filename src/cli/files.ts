/** `myctr __files`: works on the files of a container, with its root at hand. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const FILES = {
  path: "myctr __files",
  description: "Do a task on the files of a container, and write into a file what came of it",
  options: [],
  operands: [{ name: "answer", isRequired: true }, { name: "asked", isRequired: true }],
} as const satisfies Declaration;

/** Makes the command. */
export function filesCommand(): Runnable {
  return runnable(FILES, async ({ operands: { answer, asked } }) => {
    await (await import("../runtime/files_worker.ts")).workAsAsked(answer, asked);
    return 0;
  });
}
