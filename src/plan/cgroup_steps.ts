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

/** Removes it: what comes later, where this fails, is the next command that looks at the container. */
export function addCgroupRemoval(builder: PlanBuilder): void {
  const { cgroup } = builder.host;
  if (cgroup === undefined) return;
  // With a process table of its own all of it has ended with process 1; else it may have left some behind.
  const isShared = !builder.newNamespaces.includes("pid");
  builder.add({
    label: "remove the container's cgroup",
    shell: `rmdir ${cgroup}`,
    reason: isShared
      ? "What the container has left running ends with it; then nobody is in the group."
      : "Nobody is in it any more.",
    man: "cgroups(7)",
  }, [
    ...(isShared
      ? [
        call("openat", [AT_FDCWD, `${cgroup}/cgroup.kill`, O.O_WRONLY | O.O_CLOEXEC, 0], {
          result: "cgroup.kill",
          failure: "ignore",
        }),
        call("write", [slot("cgroup.kill"), "1", 1], { failure: "ignore" }),
        call("close", [slot("cgroup.kill")], { failure: "ignore" }),
      ]
      : []),
    call("unlinkat", [AT_FDCWD, cgroup, AT.AT_REMOVEDIR], { failure: "ignore" }),
  ]);
}
