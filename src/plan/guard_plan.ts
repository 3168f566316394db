/** The plan of a guard that is a process of its own: who comes to a container later has no monitor with a thread for him. Pure. */

import { call, type Plan } from "./operation.ts";
import { BARE, bareFacts } from "./own_plan.ts";
import { PlanBuilder } from "./plan_builder.ts";
import { addGuarding } from "./terminal_steps.ts";

/** Builds the plan that puts a terminal in order once the process at the other end of its pipe is gone. */
export function buildGuardPlan(settings: Uint8Array<ArrayBuffer>): Plan {
  const builder = new PlanBuilder(BARE, bareFacts({ kind: "host" }), { isOwn: true });
  builder.as("monitor");
  builder.add({
    label: "start a session",
    shell: "setsid",
    reason: "A terminal stops processes of its own session that change it from the background.",
    man: "setsid(2)",
  }, [call("setsid", [])]);
  addGuarding(builder, { settings });
  return { operations: builder.operations };
}
