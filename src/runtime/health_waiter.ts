/** What waits beside a container for its next health check. */

import type { Fd } from "../../ffi/fd.ts";
import { type HealthCheck, NEW_HEALTH, untilNextCheck } from "../spec/healthcheck.ts";
import { writeHealth } from "./health_state.ts";
import { startWaiter } from "./waiter.ts";

/** The life of a container that is waited beside. */
export interface CheckedLife {
  readonly id: string;
  /** Of process 1: tells this life from the next one. */
  readonly pidStart: string;
  /** A pidfd of process 1: nothing is waited for behind its end. */
  readonly process: Fd;
}

/** Begins the checks of a container that is being started. */
export function beginChecks(check: HealthCheck, life: CheckedLife): void {
  writeHealth(life.id, NEW_HEALTH);
  startHealthWaiter({ ...life, delayMs: untilNextCheck(check, NEW_HEALTH.status, 0) });
}

/** Starts what waits, and then is `__health`. */
export function startHealthWaiter(
  { id, pidStart, process, delayMs }: CheckedLife & { readonly delayMs: number },
): void {
  startWaiter({
    delayMs,
    words: ["__health", id, pidStart],
    reason: "The next check is due then; where the container has ended before, there is none.",
    title: "myctr: waits to check",
    process,
  });
}
