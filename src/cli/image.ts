/** `myctr image`: docker's longer form of every command that is about images. */

import type { Runnable } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { nounCommand } from "./noun.ts";

/** Docker calls them otherwise here. */
const OTHER_NAMES: Readonly<Record<string, { readonly name: string; readonly aliases?: readonly string[] }>> =
  {
    images: { name: "ls", aliases: ["list"] },
    rmi: { name: "rm" },
  };

/** Makes the noun. */
export function imageCommand(): Runnable {
  return nounCommand({
    path: "myctr image",
    description: "Manage images: the same commands, and prune",
    commands: [
      ...COMMANDS.filter(({ noun }) => noun === "image").map((entry) => ({
        ...entry,
        ...OTHER_NAMES[entry.name],
      })),
      { name: "inspect", load: async () => (await import("./inspect.ts")).inspectImageCommand() },
      { name: "prune", load: async () => (await import("./prune.ts")).pruneImagesCommand() },
    ],
    examples: ["myctr image ls", "myctr image rm alpine"],
  });
}
