/** Builds the plan: a pure function from the specification and the facts of the host to ordered operations. Pure. */

import type { Spec } from "../spec/types.ts";
import { addCommand } from "./command_steps.ts";
import type { HostFacts, IdMap } from "../host/host_facts.ts";
import { addIdentity } from "./identity_steps.ts";
import { addMonitorStart, addMonitorWait, addReaping } from "./monitor_steps.ts";
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
  addOomScore(builder);
  addRoot(builder);
  addMounts(builder);
  addIdentity(builder);
  addCommand(builder);
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
    shell: idMap.kind === "caller" ? renderHelpers(idMap) : renderMaps(idMap),
    reason: "Says which user outside each user inside really is.",
    man: "user_namespaces(7)",
  }, "write the id maps of the container's user namespace");
}

/** The lines of uid_map and gid_map: inside, outside, count. */
export function idMapLines(idMap: Exclude<IdMap, { kind: "host" }>): { uid: string; gid: string } {
  switch (idMap.kind) {
    case "single":
      return { uid: `0 ${idMap.uid} 1`, gid: `0 ${idMap.gid} 1` };
    case "caller":
      return {
        uid: `0 ${idMap.uid} 1\n1 ${idMap.uids.start} ${idMap.uids.count}`,
        gid: `0 ${idMap.gid} 1\n1 ${idMap.gids.start} ${idMap.gids.count}`,
      };
    case "range":
      return {
        uid: `0 ${idMap.uids.start} ${idMap.uids.count}`,
        gid: `0 ${idMap.gids.start} ${idMap.gids.count}`,
      };
  }
}

function renderHelpers(idMap: Exclude<IdMap, { kind: "host" }>): string {
  const { uid, gid } = idMapLines(idMap);
  return `newuidmap PID ${uid.replaceAll("\n", " ")}; newgidmap PID ${gid.replaceAll("\n", " ")}`;
}

function renderMaps(idMap: Exclude<IdMap, { kind: "host" }>): string {
  const { uid, gid } = idMapLines(idMap);
  const deny = idMap.kind === "single" ? "echo deny >/proc/PID/setgroups; " : "";
  return `${deny}echo ${uid} >/proc/PID/uid_map; echo ${gid} >/proc/PID/gid_map`;
}
