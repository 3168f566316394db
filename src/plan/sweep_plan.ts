/** The plan that runs myctr once more as root of a user namespace, to remove files of mapped ids. Pure. */

import { shellLine } from "./shell_word.ts";
import { AT, CLOSE_RANGE } from "../../ffi/constants/open.ts";
import type { HostFacts } from "../host/host_facts.ts";
import type { Spec } from "../spec/types.ts";
import { addIdMaps } from "./build_plan.ts";
import { FD } from "./descriptors.ts";
import { addMonitorStart, addMonitorWait, addReaping } from "./monitor_steps.ts";
import { call, type Plan } from "./operation.ts";
import { PlanBuilder } from "./plan_builder.ts";
import { addAwakening, addIds } from "./root_steps.ts";

/** Nothing of a container: one user namespace, no root of its own, no streams. */
export const BARE: Spec = {
  ociVersion: "1.2.0",
  process: {
    args: [],
    env: [],
    cwd: "/",
    capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
    rlimits: [],
    noNewPrivileges: false,
  },
  root: { path: "/", readonly: false },
  mounts: [],
  linux: {
    namespaces: [{ type: "user" }],
    maskedPaths: [],
    readonlyPaths: [],
    devices: [],
    rootfsPropagation: "private",
  },
  annotations: {},
};

/**
 * Builds the plan. The process that runs myctr's own file enters a user namespace and nothing else: never the mounts
 * or processes of a container (CVE-2019-5736).
 */
export function buildSweepPlan(
  host: HostFacts,
  command: { argv: readonly string[]; env: readonly string[] },
): Plan {
  const builder = new PlanBuilder(BARE, host);
  addMonitorStart(builder);
  addIdMaps(builder);
  addAwakening(builder);
  addIds(builder);
  builder.add({
    label: "run myctr's sweep",
    shell: `exec ${shellLine(command.argv)}`,
    reason: "Root of this namespace may remove what the ids mapped into it own.",
    man: "execveat(2)",
  }, [
    call("close_range", [3, 0xffff_ffff, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC]),
    call("execveat", [FD.executable, "", { texts: command.argv }, { texts: command.env }, AT.AT_EMPTY_PATH], {
      failure: "attempt",
    }),
  ]);
  addMonitorWait(builder);
  addReaping(builder);
  return { operations: builder.operations };
}
