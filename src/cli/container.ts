/** `myctr container`: docker's longer form of every command that is about containers, and `prune`. */

import type { Runnable } from "./command.ts";
import { type CommandEntry, COMMANDS } from "./commands.ts";
import { nounCommand } from "./noun.ts";

/** The same, and an image of that name is none. */
const INSPECT: CommandEntry = {
  name: "inspect",
  load: async () =>
    (await import("./inspect.ts")).inspectCommand(undefined, () => Promise.resolve(undefined)),
};

/** Makes the noun. */
export function containerCommand(): Runnable {
  return nounCommand({
    path: "myctr container",
    description: "Manage containers: the same commands, and prune",
    commands: [
      ...COMMANDS.filter(({ noun }) => noun === "container").map((entry) =>
        entry.name === "inspect" ? INSPECT : entry
      ),
      { name: "prune", load: async () => (await import("./prune.ts")).pruneCommand() },
    ],
    examples: ["myctr container ls --all", "myctr container prune --force --filter until=24h"],
  });
}
