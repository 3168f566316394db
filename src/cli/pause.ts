/** `myctr pause` and `myctr unpause`: containers stand still, and go on. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS, forEachContainer } from "./each_container.ts";

const PAUSE = {
  path: "myctr pause",
  description: "Let all processes of containers stand still",
  options: [HELP_OPTION],
  operands: [CONTAINERS],
  examples: ["myctr pause web"],
} as const satisfies Declaration;

const UNPAUSE = {
  path: "myctr unpause",
  description: "Let paused containers go on",
  options: [HELP_OPTION],
  operands: [CONTAINERS],
  examples: ["myctr unpause web"],
} as const satisfies Declaration;

/** Makes `myctr pause`. */
export function pauseCommand(): Runnable {
  return runnable(PAUSE, async ({ operands }, session) => {
    const { pauseContainer } = await import("../runtime/pause.ts");
    // deno-lint-ignore require-await
    return await forEachContainer(operands.container, session, async (reference) => {
      pauseContainer(reference);
    });
  });
}

/** Makes `myctr unpause`. */
export function unpauseCommand(): Runnable {
  return runnable(UNPAUSE, async ({ operands }, session) => {
    const { unpauseContainer } = await import("../runtime/pause.ts");
    // deno-lint-ignore require-await
    return await forEachContainer(operands.container, session, async (reference) => {
      unpauseContainer(reference);
    });
  });
}
