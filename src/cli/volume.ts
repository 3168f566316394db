/** `myctr volume`: directories that outlive containers. */

import type { CommandEntry } from "./commands.ts";
import type { Runnable } from "./command.ts";
import { nounCommand } from "./noun.ts";

const VOLUME_COMMANDS: readonly CommandEntry[] = [
  { name: "create", load: async () => (await import("./volume_create.ts")).createVolumeCommand() },
  {
    name: "ls",
    aliases: ["list"],
    load: async () => (await import("./volume_list.ts")).listVolumesCommand(),
  },
  { name: "inspect", load: async () => (await import("./volume_inspect.ts")).inspectVolumeCommand() },
  {
    name: "rm",
    aliases: ["remove"],
    load: async () => (await import("./volume_rm.ts")).removeVolumeCommand(),
  },
  { name: "prune", load: async () => (await import("./prune.ts")).pruneVolumesCommand() },
];

/** Makes the noun. */
export function volumeCommand(): Runnable {
  return nounCommand({
    path: "myctr volume",
    description: "Manage volumes: directories that outlive containers",
    commands: VOLUME_COMMANDS,
    examples: ["myctr volume create data", "myctr run -v data:/var/lib/data alpine"],
  });
}
