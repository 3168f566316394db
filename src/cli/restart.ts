/** `myctr restart`: stops containers and starts them again. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS, forEachAtOnce } from "./each_container.ts";
import { noteTo, STOP_OPTIONS } from "./stop.ts";

const RESTART = {
  path: "myctr restart",
  description: "Stop containers, and start them again",
  options: STOP_OPTIONS,
  operands: [CONTAINERS],
  examples: ["myctr restart web", "myctr restart -t 1 web db"],
} as const satisfies Declaration;

/** Makes the command. */
export function restartCommand(): Runnable {
  return runnable(RESTART, async ({ operands, options }, session) => {
    const { restartContainer } = await import("../runtime/restart.ts");
    return await forEachAtOnce(operands.container, session, async (reference) => {
      await restartContainer(reference, { ...options, note: noteTo(session) });
    });
  });
}
