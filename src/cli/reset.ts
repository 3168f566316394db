/** `myctr system reset`: removes all that myctr keeps. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { confirm } from "./confirm.ts";
import type { Declaration } from "./declaration.ts";

const RESET = {
  path: "myctr system reset",
  description: "Kill and remove all containers, images and volumes, and all else that is kept",
  options: [{ name: "force", long: "--force", short: "-f", description: "do not ask" }, HELP_OPTION],
  operands: [],
  examples: ["myctr system reset --force"],
} as const satisfies Declaration;

/** Makes the command. */
export function resetCommand(): Runnable {
  return runnable(RESET, async ({ options: { force = false } }, session) => {
    const { resetState } = await import("../runtime/reset.ts");
    const { stateRoot } = await import("../runtime/state_root.ts");
    const warning =
      `This will kill and remove all containers in ${stateRoot()}, and all images, volumes and all else of myctr there.`;
    if (!force && !confirm(warning, session)) return 1;
    resetState();
    return 0;
  });
}
