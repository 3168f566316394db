/**
 * The plan that runs myctr once more with the root of a container or an image at hand, for work on its files: in a
 * mount namespace of its own, where that root is mounted a second time, outside of every container. Pure.
 */

import { AT, CLOSE_RANGE } from "../../ffi/constants/open.ts";
import { MNT } from "../../ffi/constants/mount.ts";
import type { HostFacts } from "../host/host_facts.ts";
import type { Spec } from "../spec/types.ts";
import { addIdMaps } from "./build_plan.ts";
import { FD } from "./descriptors.ts";
import { addBinds } from "./mount_steps.ts";
import { addMonitorStart, addMonitorWait, addReaping } from "./monitor_steps.ts";
import { call, type Plan, slot } from "./operation.ts";
import { BARE, type OwnWork } from "./own_plan.ts";
import { openTree, PlanBuilder, ROOT } from "./plan_builder.ts";
import { addAwakening, addIds, addRoot, STAGE } from "./root_steps.ts";
import { shellLine } from "./shell_word.ts";

/**
 * The numbers of the descriptors under which the work finds the root, and the file for its answer: it may be somebody
 * who could open neither. Nothing else of a plan comes to be so high.
 */
export const VIEW = 80;
export const ANSWER = 81;

/** Where the root comes from: mounted anew, of a container that does not run or of an image; or handed over, open. */
export type ViewSource = "mounted" | "handed";

/** What of a configuration is looked at: the root, and what shall be mounted in it. */
export interface ViewedSpec extends Pick<Spec, "root" | "annotations"> {
  readonly mounts?: Spec["mounts"];
}

/** Gives what of a container's configuration says how its root is put together. */
export function viewSpec(
  { root, annotations, mounts = [] }: ViewedSpec,
  { isRoot, source }: { readonly isRoot: boolean; readonly source: ViewSource },
): Spec {
  const own = source === "mounted" ? [{ type: "mount" } as const] : [];
  return {
    ...BARE,
    root,
    annotations,
    mounts,
    linux: {
      ...BARE.linux,
      // As root of this machine no user namespace: files have their owners on the disk.
      namespaces: isRoot ? own : [{ type: "user" }, ...own],
    },
  };
}

/**
 * Builds the plan. The root is let go of by name before myctr runs: all that leads to it is the descriptor, below which
 * names are looked up as if it were the root. So no link in it leads out, and none of its files is ever run.
 */
export function buildViewPlan(
  spec: Spec,
  host: HostFacts,
  { source, argv, env, label, reason }: OwnWork & { readonly source: ViewSource },
): Plan {
  const builder = new PlanBuilder(spec, host, { isOwn: true });
  addMonitorStart(builder);
  addIdMaps(builder);
  if (source === "mounted") {
    addRoot(builder);
    addBinds(builder);
  } else {
    addAwakening(builder);
    addIds(builder);
  }
  builder.add({
    label: "keep the root by its descriptor alone",
    shell: source === "mounted" ? `exec ${VIEW}<root; umount -l ${STAGE}` : `exec ${VIEW}<&${FD.lock}`,
    reason: "The root has no name that could lead into it; what stood at the place of a stage is seen again.",
    man: "umount2(2)",
  }, [
    // To unmount a tree takes it apart, but for a copy of it that is mounted nowhere.
    ...(source === "mounted"
      ? [
        openTree(".", "view", { at: ROOT }),
        call("umount2", [STAGE, MNT.MNT_DETACH]),
        call("umask", [0o022]),
      ]
      : []),
    call("chdir", ["/"]),
    call("close_range", [3, 0xffff_ffff, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC]),
    call("dup3", [source === "mounted" ? slot("view") : FD.lock, VIEW, 0]),
    call("dup3", [FD.exit, ANSWER, 0]),
  ]);
  builder.add({ label, shell: `exec ${shellLine(argv)}`, reason, man: "execveat(2)" }, [
    call("execveat", [FD.executable, "", { texts: argv }, { texts: env }, AT.AT_EMPTY_PATH], {
      failure: "attempt",
    }),
  ]);
  addMonitorWait(builder);
  addReaping(builder);
  return { operations: builder.operations };
}
