/** `myctr volume rm`: removes volumes. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { forEachContainer } from "./each_container.ts";
import { VOLUMES } from "./volume_inspect.ts";

const RM = {
  path: "myctr volume rm",
  description: "Remove volumes, and what is in them",
  options: [
    { name: "force", long: "--force", short: "-f", description: "do not mind a missing one" },
    HELP_OPTION,
  ],
  operands: [VOLUMES],
  examples: ["myctr volume rm data"],
} as const satisfies Declaration;

/** Makes the command. */
export function removeVolumeCommand(): Runnable {
  return runnable(RM, async ({ operands, options: { force = false } }, session) => {
    const { removeVolume } = await import("../runtime/volumes.ts");
    return await forEachContainer(
      operands.volume,
      session,
      async (name) => await Promise.resolve(removeVolume(name)),
      (error) => force && error.code === "not_found",
    );
  });
}
