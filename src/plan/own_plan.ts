/** The plan that runs myctr once more as root of a user namespace, for work on files of mapped ids. Pure. */

import { shellLine } from "./shell_word.ts";
import { CLOSE_RANGE } from "../../ffi/constants/open.ts";
import type { HostFacts, OwnCommand } from "../host/host_facts.ts";
import type { Spec } from "../spec/types.ts";
import { addIdMaps } from "./build_plan.ts";
import { addMonitorStart, addMonitorWait, addReaping } from "./monitor_steps.ts";
import { call, type Plan } from "./operation.ts";
import { executeSelf, PlanBuilder } from "./plan_builder.ts";
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

/** What such a plan needs to know of the machine. */
export function bareFacts(idMap: HostFacts["idMap"]): HostFacts {
  return {
    idMap,
    lastCapability: 0,
    ownCapabilities: [],
    openFilesHard: 0,
    kinds: {},
    hostImage: undefined,
    devices: [],
    containerDirectory: "/",
    isAttached: true,
  };
}

/** Work of myctr's own, and how it is explained. */
export interface OwnWork extends OwnCommand {
  readonly label: string;
  readonly reason: string;
}

/**
 * Builds the plan. The process that runs myctr's own file enters a user namespace and nothing else: never the mounts
 * or processes of a container (CVE-2019-5736).
 */
export function buildOwnPlan(
  host: HostFacts,
  { argv, env, label, reason }: OwnWork,
): Plan {
  const builder = new PlanBuilder(BARE, host, { isOwn: true });
  addMonitorStart(builder);
  addIdMaps(builder);
  addAwakening(builder);
  addIds(builder);
  builder.add({
    label,
    shell: `exec ${shellLine(argv)}`,
    reason,
    man: "execveat(2)",
  }, [
    call("close_range", [3, 0xffff_ffff, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC]),
    executeSelf({ argv, env }, { failure: "attempt" }),
  ]);
  addMonitorWait(builder);
  addReaping(builder);
  return { operations: builder.operations };
}
