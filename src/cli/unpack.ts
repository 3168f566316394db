/** `myctr __unpack`: unpacks layers with the rights of the user namespace that it was started in. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const UNPACK = {
  path: "myctr __unpack",
  description: "Unpack layers of images, and write into a file what came of it",
  options: [],
  operands: [{ name: "answer", isRequired: true }, { name: "asked", isRequired: true }],
} as const satisfies Declaration;

/** Makes the command. */
export function unpackCommand(): Runnable {
  return runnable(UNPACK, async ({ operands: { answer, asked } }) => {
    await (await import("../runtime/unpack_image.ts")).unpackAsAsked(answer, asked);
    return 0;
  });
}
