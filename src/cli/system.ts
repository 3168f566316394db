/** `myctr system`: all that myctr keeps. */

import type { Runnable } from "./command.ts";
import { nounCommand } from "./noun.ts";

/** Makes the noun. */
export function systemCommand(): Runnable {
  return nounCommand({
    path: "myctr system",
    description: "Manage all that myctr keeps",
    commands: [
      { name: "df", load: async () => (await import("./df.ts")).dfCommand() },
      { name: "check", load: async () => (await import("./check.ts")).checkCommand() },
      { name: "prune", load: async () => (await import("./prune.ts")).pruneSystemCommand() },
      { name: "reset", load: async () => (await import("./reset.ts")).resetCommand() },
    ],
    examples: ["myctr system df", "myctr system prune --force"],
  });
}
