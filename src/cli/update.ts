/** `myctr update`: changes what may change of containers that are there. */

import { CtrError } from "../errors.ts";
import { seeHelp } from "./argv.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS, forEachContainer } from "./each_container.ts";
import { RESTART_OPTION } from "./process_options.ts";

const UPDATE = {
  path: "myctr update",
  description: "Change containers, also while they run",
  options: [HELP_OPTION, RESTART_OPTION],
  operands: [CONTAINERS],
  examples: ["myctr update --restart on-failure:3 web", "myctr update --restart no web db"],
} as const satisfies Declaration;

/** Makes the command. */
export function updateCommand(): Runnable {
  return runnable(UPDATE, async ({ operands, options: { restart } }, session) => {
    if (restart === undefined) {
      throw new CtrError("usage", "Cannot update: there is nothing to change", { hint: seeHelp(UPDATE) });
    }
    const { updateRestart } = await import("../runtime/update.ts");
    return await forEachContainer(operands.container, session, (reference) => {
      updateRestart(reference, restart);
      return Promise.resolve();
    });
  });
}
