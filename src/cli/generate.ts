/** `myctr generate`: files for other programs that look after containers. */

import type { Runnable } from "./command.ts";
import { nounCommand } from "./noun.ts";

/** Makes the noun. */
export function generateCommand(): Runnable {
  return nounCommand({
    path: "myctr generate",
    description: "Make files for programs that look after containers",
    commands: [{
      name: "systemd",
      load: async () => (await import("./generate_systemd.ts")).generateSystemdCommand(),
    }],
    examples: ["myctr generate systemd web"],
  });
}
