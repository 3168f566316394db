/** The plan of a process that waits in place of myctr, and then becomes it: a few pages instead of a Deno. Pure. */

import { POLL } from "../../ffi/constants/process.ts";
import type { OwnCommand } from "../host/host_facts.ts";
import { FD, LAST_FD, PROCESS_1 } from "./descriptors.ts";
import { call, type Plan } from "./operation.ts";
import { BARE, bareFacts } from "./own_plan.ts";
import { executeSelf, PlanBuilder } from "./plan_builder.ts";
import { shellLine } from "./shell_word.ts";
import { pollOne, timeOf } from "./structures.ts";

/** What is waited for, and what comes then. */
export interface Waiting extends OwnCommand {
  readonly delayMs: number;
  /** Whether it is given up when the process ends whose pidfd it has as {@link PROCESS_1}. */
  readonly isOfProcess: boolean;
  /** Why. */
  readonly reason: string;
}

const SIGSET_SIZE = 8;

/** Builds the plan. */
export function buildWaiterPlan({ delayMs, isOfProcess, reason, ...command }: Waiting): Plan {
  const builder = new PlanBuilder(BARE, bareFacts({ kind: "host" }), { isOwn: true });
  builder.add({
    label: "start a session",
    shell: "setsid",
    reason: "Keys pressed in your terminal, and its end, are not for what waits.",
    man: "setsid(2)",
  }, [
    // Those that the myctr which starts it was given, such as the container's lock.
    call("close_range", [FD.go, FD.go, 0]),
    call("close_range", [isOfProcess ? FD.lock : FD.exit, FD.lock, 0]),
    call("close_range", [FD.executable + 1, LAST_FD, 0]),
    call("setsid", [], { failure: "ignore" }),
    call("chdir", ["/"]),
  ]);
  const time = timeOf(delayMs);
  builder.add({
    label: `wait ${delayMs} ms`,
    shell: `sleep ${delayMs / 1000}`,
    reason,
    man: "ppoll(2)",
  }, [
    isOfProcess
      ? call("ppoll", [pollOne(PROCESS_1, POLL.POLLIN), 1, time, null, SIGSET_SIZE], { ends: "unless-zero" })
      : call("ppoll", [null, 0, time, null, SIGSET_SIZE]),
  ]);
  builder.add({
    label: "become myctr",
    shell: shellLine(command.argv),
    reason: "Then it is myctr, started once more, that does what is to be done.",
    man: "execveat(2)",
  }, [
    executeSelf(command),
  ]);
  return { operations: builder.operations };
}
