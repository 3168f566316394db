/** Builds the plan: a pure function from the specification and the facts of the host to ordered operations. Pure. */

import type { Spec } from "../spec/types.ts";
import { addCommand } from "./command_steps.ts";
import type { HostFacts } from "../host/host_facts.ts";
import { renderIdMaps } from "./id_maps.ts";
import { addIdentity } from "./identity_steps.ts";
import { addMonitorHelp, addMonitorStart, addMonitorWait, addReaping } from "./monitor_steps.ts";
import { addMounts } from "./mount_steps.ts";
import type { Plan } from "./operation.ts";
import { PlanBuilder } from "./plan_builder.ts";
import { addRoot } from "./root_steps.ts";
import { addOomScore } from "./setting_steps.ts";
import { addTimeLimit } from "./time_limit_steps.ts";

/** Builds the plan of a container's start, life and end. */
export function buildPlan(spec: Spec, host: HostFacts): Plan {
  const builder = new PlanBuilder(spec, host);
  addMonitorStart(builder);
  addIdMaps(builder);
  const isJoining = builder.joinedNamespaces.length > 0;
  if (!isJoining) addOomScore(builder);
  addRoot(builder);
  addMounts(builder);
  // What still hides from another container hides from myctr too.
  if (isJoining) addOomScore(builder);
  addIdentity(builder);
  addCommand(builder);
  addMonitorHelp(builder);
  addMonitorWait(builder);
  addTimeLimit(builder);
  addReaping(builder);
  return { operations: builder.operations };
}

/** What myctr does while the new process waits. */
export function addIdMaps(builder: PlanBuilder): void {
  const { idMap } = builder.host;
  if (idMap.kind === "host" || builder.isJoined) return;
  builder.act({
    label: "map the ids",
    shell: renderIdMaps(idMap),
    reason: "Says which user outside each user inside really is.",
    man: "user_namespaces(7)",
  }, "write the id maps of the container's user namespace");
}
