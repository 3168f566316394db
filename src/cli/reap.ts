/** `myctr __reap`: what a monitor ends with when the myctr that started it is gone. */

import { command, type Runnable, runnable } from "./command.ts";

/** Makes the command. */
export function reapCommand(): Runnable {
  return runnable({
    command: command("__reap", "Clean up behind a container that has ended").argument("<id>"),
    act: async ({ args: [id] }) => {
      const { reap } = await import("../runtime/reap.ts");
      await reap(id);
      return 0;
    },
  });
}

/** Makes `myctr __sweep`, which removes what waits in the trash; it runs as root of a user namespace. */
export function sweepCommand(): Runnable {
  return runnable({
    command: command("__sweep", "Remove what waits in the trash"),
    act: async () => {
      (await import("../runtime/sweep.ts")).sweepHere();
      return 0;
    },
  });
}
