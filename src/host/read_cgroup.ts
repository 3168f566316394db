/** Where on this machine a container's cgroup may be made. Source: cgroups(7), Documentation/admin-guide/cgroup-v2.rst. */

import { AT_FDCWD } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { syscall } from "../../ffi/syscall.ts";
import { readText } from "./read_text.ts";
import { readPathStatus } from "../../ffi/file.ts";

/** Where version 2 is mounted: alone, or beside version 1 as systemd does it. */
const MOUNT_POINTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] as const;
const W_OK = 2;
/** The group that all containers of a place are in. */
const GROUP = "myctr";

/**
 * Gives the path of the cgroup that a container would have: below the root as root, below the caller's own as an
 * ordinary user, since the kernel lets a process move only inside what its user owns. Undefined where that may not be
 * written to.
 */
export function maybeCgroupOf(id: string, uid: number): string | undefined {
  // Only a cgroup of version 2 has this file.
  const mount = MOUNT_POINTS.find((path) => readPathStatus(`${path}/cgroup.controllers`).ok);
  if (mount === undefined) return undefined;
  const parent = uid === 0 ? mount : `${mount}${ownCgroup()}`;
  const isWritable = canWrite(parent) && (uid === 0 || canWrite(`${parent}/cgroup.procs`));
  return isWritable ? `${parent}/${GROUP}/${id}` : undefined;
}

function ownCgroup(): string {
  const path = /^0::(.*)$/m.exec(readText("/proc/self/cgroup"))?.[1] ?? "/";
  return path === "/" ? "" : path;
}

function canWrite(path: string): boolean {
  return syscall("faccessat", AT_FDCWD, cString(path), W_OK) === 0;
}
