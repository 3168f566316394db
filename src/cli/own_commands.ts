/** What a monitor ends with, and what follows from that: commands of myctr's own. */

import { type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const REAP = {
  path: "myctr __reap",
  description: "Clean up behind a container that has ended",
  options: [],
  operands: [{ name: "id", isRequired: true }],
} as const satisfies Declaration;

const RESTART = {
  path: "myctr __restart",
  description: "See to another start of a container that has ended",
  options: [],
  operands: [{ name: "id", isRequired: true }],
} as const satisfies Declaration;

const START = {
  path: "myctr __start",
  description: "Start a container again, behind the wait for that",
  options: [],
  operands: [{ name: "id", isRequired: true }],
} as const satisfies Declaration;

const HEALTH = {
  path: "myctr __health",
  description: "Check a container, and see to the next check",
  options: [],
  operands: [{ name: "id", isRequired: true }, { name: "pidStart", isRequired: true }],
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

/** Makes `myctr __restart`, by which a restart policy comes into effect. */
export function restartAtEndCommand(): Runnable {
  return runnable(RESTART, async ({ operands: { id } }) => {
    const { restartAtEnd } = await import("../runtime/restarts.ts");
    restartAtEnd(id);
    return 0;
  });
}

/** Makes `myctr __start`, which the process becomes that has waited for it. */
export function startWaitedCommand(): Runnable {
  return runnable(START, async ({ operands: { id } }) => {
    const { startWaited } = await import("../runtime/restarts.ts");
    await startWaited(id);
    return 0;
  });
}

/** Makes `myctr __health`, which the process becomes that waits beside a container. */
export function healthCommand(): Runnable {
  return runnable(HEALTH, async ({ operands: { id, pidStart } }) => {
    const { checkHealth } = await import("../runtime/health.ts");
    await checkHealth(id, pidStart);
    return 0;
  });
}

/** Makes `myctr __sweep`, which removes what waits in the trash; it runs as root of a user namespace. */
export function sweepCommand(): Runnable {
  return runnable(SWEEP, async () => {
    (await import("../runtime/trash.ts")).sweepHere();
    (await import("../runtime/gone_layers.ts")).emptyGoneLayers();
    return 0;
  });
}
