/** The container's own cgroup: a leaf to be frozen and killed as a whole; without limits. Pure. */

import { AT, AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { call, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";

const MODE = 0o755;

/** Makes the leaf, where the host allows one; the clone puts the container into it from its first instant. */
export function addCgroup(builder: PlanBuilder): void {
  const { cgroup } = builder.host;
  if (cgroup === undefined) return;
  const parent = cgroup.slice(0, cgroup.lastIndexOf("/"));
  builder.add({
    label: "make the container's cgroup",
    shell: `mkdir -p ${cgroup}`,
    reason:
      "All that the container starts is in one group of processes, which can be stopped and ended as one.",
    man: "cgroups(7)",
  }, [
    // The parent is shared, and the leaf is still there where an earlier start could not remove it.
    call("mkdirat", [AT_FDCWD, parent, MODE], { failure: "ignore" }),
    call("mkdirat", [AT_FDCWD, cgroup, MODE], { failure: "ignore" }),
    call("openat", [AT_FDCWD, cgroup, O.O_RDONLY | O.O_DIRECTORY | O.O_CLOEXEC, 0], { result: "cgroup" }),
  ]);
}

/**
 * Ends what process 1 has left running, where its table of processes is not its own: else all of it has ended with it.
 * Before the streams run dry: what is left may hold them open.
 */
export function addCgroupKill(builder: PlanBuilder): void {
  const { cgroup } = builder.host;
  if (cgroup === undefined || builder.newNamespaces.includes("pid")) return;
  builder.add({
    label: "end what the container has left running",
    shell: `echo 1 >${cgroup}/cgroup.kill`,
    reason:
      "Without a process table of its own nothing ends with process 1, but its group still knows them all.",
    man: "cgroups(7)",
  }, [
    call("openat", [AT_FDCWD, `${cgroup}/cgroup.kill`, O.O_WRONLY | O.O_CLOEXEC, 0], {
      result: "cgroup.kill",
      failure: "ignore",
    }),
    call("write", [slot("cgroup.kill"), "1", 1], { failure: "ignore" }),
    call("close", [slot("cgroup.kill")], { failure: "ignore" }),
  ]);
}

/** Removes it: what comes later, where this fails, is the next command that looks at the container. */
export function addCgroupRemoval(builder: PlanBuilder): void {
  const { cgroup } = builder.host;
  if (cgroup === undefined) return;
  builder.add({
    label: "remove the container's cgroup",
    shell: `rmdir ${cgroup}`,
    reason: "Nobody is in it any more.",
    man: "cgroups(7)",
  }, [call("unlinkat", [AT_FDCWD, cgroup, AT.AT_REMOVEDIR], { failure: "ignore" })]);
}
