/** `myctr __reap`: what a monitor ends with when the myctr that started it is gone. */

import { command, type Runnable, runnable } from "./command.ts";

/** Makes the command. */
export function reapCommand(): Runnable {
  return runnable({
    command: command("__reap", "Clean up behind a container that has ended").argument("<id>"),
    act: async ({ args: [id] }) => {
      const { reap } = await import("../runtime/reap.ts");
      reap(id);
      return 0;
    },
  });
}
