/** `myctr tag`: one more name for an image. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Gives an image a name. */
export type TagImage = (source: string, target: string) => Promise<void>;

const TAG = {
  path: "myctr tag",
  description: "Give an image one more name",
  options: [HELP_OPTION],
  operands: [
    { name: "image", isRequired: true, kind: "image", description: "its name or id" },
    { name: "name", isRequired: true, kind: "image", description: "the new one: NAME[:TAG]" },
  ],
  examples: ["myctr tag alpine localhost:5000/alpine:3"],
} as const satisfies Declaration;

/** Makes the command; `tag` is another one in tests. */
export function tagCommand(tag: TagImage = tagImage): Runnable {
  return runnable(TAG, async ({ operands: { image, name } }) => {
    await tag(image, name);
    return 0;
  });
}

async function tagImage(source: string, target: string): Promise<void> {
  (await import("../runtime/images.ts")).tagImage(source, target);
}
