/** `myctr __reap` and `myctr __sweep`: what myctr calls itself, to clean up behind containers. */

import { command, type Runnable, runnable } from "./command.ts";

/** Makes the command that a monitor ends with when the myctr that started it is gone. */
export function reapCommand(): Runnable {
  return runnable({
    command: command("__reap", "Clean up behind a container that has ended").argument("<id>"),
    act: async ({ args: [id] }) => {
      await (await import("../runtime/reap.ts")).reap(id);
      return 0;
    },
  });
}

/** Makes the command that empties the trash. */
export function sweepCommand(): Runnable {
  return runnable({
    command: command("__sweep", "Clean up what removed containers have left"),
    act: async () => {
      await (await import("../runtime/reap.ts")).sweep();
      return 0;
    },
  });
}
