/** `myctr registry`: the images of this machine, for others. */

import type { Runnable } from "./command.ts";
import { nounCommand } from "./noun.ts";

/** Makes the noun. */
export function registryCommand(): Runnable {
  return nounCommand({
    path: "myctr registry",
    description: "Give images to other programs, as a registry",
    commands: [{
      name: "serve",
      load: async () => (await import("./registry_serve.ts")).registryServeCommand(),
    }],
    examples: ["myctr registry serve"],
  });
}
