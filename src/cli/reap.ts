/** `myctr __reap`: what a monitor ends with when the myctr that started it is gone. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const REAP = {
  path: "myctr __reap",
  description: "Clean up behind a container that has ended",
  options: [],
  operands: [{ name: "id", isRequired: true }],
} as const satisfies Declaration;

const SWEEP = {
  path: "myctr __sweep",
  description: "Remove what waits in the trash",
  options: [],
  operands: [],
} as const satisfies Declaration;

const EMPTY = {
  path: "myctr __empty",
  description: "Remove what waits in the trash, as root over the caller's ids",
  options: [],
  operands: [],
} as const satisfies Declaration;

/** Makes `myctr __empty`, which starts `__sweep` with the rights that it needs. */
export function emptyCommand(): Runnable {
  return runnable(EMPTY, async () => {
    await (await import("../runtime/sweep.ts")).sweepTrash();
    return 0;
  });
}

/** Makes the command. */
export function reapCommand(): Runnable {
  return runnable(REAP, async ({ operands: { id } }) => {
    const { reap } = await import("../runtime/reap.ts");
    reap(id);
    return 0;
  });
}

/** Makes `myctr __sweep`, which removes what waits in the trash; it runs as root of a user namespace. */
export function sweepCommand(): Runnable {
  return runnable(SWEEP, async () => {
    (await import("../runtime/trash.ts")).sweepHere();
    return 0;
  });
}
