/** Starts what waits in place of myctr: a program that becomes myctr when the time has come. */

import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import { FD, PROCESS_1 } from "../plan/descriptors.ts";
import { buildWaiterPlan } from "../plan/waiter_plan.ts";
import { encodePlan } from "./encode_plan.ts";
import { openSelf } from "./open_self.ts";
import { ownCommand } from "./own_command.ts";
import { startProgram } from "./start_program.ts";
import { stateRoot } from "./state_root.ts";

/** What waits. */
export interface WaiterRequest {
  readonly delayMs: number;
  /** The words of the command that comes then, such as `__start ID`. */
  readonly words: readonly string[];
  readonly reason: string;
  /** How ps(1) shows it. */
  readonly title: string;
  /** A pidfd: without that process it does not go on. */
  readonly process?: Fd;
}

/** Starts it; gives its pid, which stays that of the command. */
export function startWaiter({ delayMs, words, reason, title, process }: WaiterRequest): number {
  using nothing = unwrap(openPath("/dev/null", { flags: O.O_RDWR }), "open /dev/null");
  using self = openSelf();
  const isOfProcess = process !== undefined;
  const plan = buildWaiterPlan({ delayMs, isOfProcess, ...ownCommand(...words), reason });
  const started = startProgram(encodePlan(plan), {
    title,
    directory: stateRoot(),
    descriptors: [
      [nothing.number, 0],
      [nothing.number, 1],
      [nothing.number, 2],
      [nothing.number, FD.status],
      ...(process === undefined ? [] : [[process.number, PROCESS_1] as const]),
      [self.number, FD.executable],
    ],
  });
  return unwrap(started, "start the program that waits");
}
