/** What clone3(2) and unshare(1) call each kind of namespace. Pure. */

import { CLONE } from "../../ffi/constants/clone.ts";
import type { NamespaceType } from "../spec/types.ts";

/** Flags of clone3(2) and setns(2). */
export const NAMESPACE_FLAG: Readonly<Record<NamespaceType, bigint>> = {
  user: CLONE.CLONE_NEWUSER,
  mount: CLONE.CLONE_NEWNS,
  pid: CLONE.CLONE_NEWPID,
  network: CLONE.CLONE_NEWNET,
  ipc: CLONE.CLONE_NEWIPC,
  uts: CLONE.CLONE_NEWUTS,
  cgroup: CLONE.CLONE_NEWCGROUP,
};

/** Options of unshare(1). */
export const NAMESPACE_OPTION: Readonly<Record<NamespaceType, string>> = {
  user: "--user",
  mount: "--mount",
  pid: "--pid --fork",
  network: "--net",
  ipc: "--ipc",
  uts: "--uts",
  cgroup: "--cgroup",
};
