/** Where on this machine a container's cgroup may be made. Source: cgroups(7), Documentation/admin-guide/cgroup-v2.rst. */

import { AT_FDCWD, OK } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { syscall } from "../../ffi/syscall.ts";
import { readText } from "./read_text.ts";
import { readPathStatus } from "../../ffi/file.ts";

/** Where version 2 is mounted: alone, or beside version 1 as systemd does it. */
const MOUNT_POINTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] as const;
/** The group that all containers of a place are in. */
const GROUP = "myctr";

/**
 * Gives the path of the cgroup that a container would have: below the root as root, below the caller's own as an
 * ordinary user, since the kernel lets a process move only inside what its user owns. Undefined where that may not be
 * written to.
 */
export function maybeCgroupOf(id: string, uid: number): string | undefined {
  const mount = maybeMountPoint();
  if (mount === undefined) return undefined;
  const parent = uid === 0 ? mount : `${mount}${ownCgroup()}`;
  const isWritable = canWrite(parent) && (uid === 0 || canWrite(`${parent}/cgroup.procs`));
  return isWritable ? `${parent}/${GROUP}/${id}` : undefined;
}

/**
 * Whether a process of this user may be started in a cgroup: what is above both that and this process's own must be the
 * user's too. An ordinary user's container may be in another session's.
 */
export function canEnterCgroup(path: string, uid: number): boolean {
  if (uid === 0) return true;
  return canWrite(`${commonAncestor(path, `${maybeMountPoint()}${ownCgroup()}`)}/cgroup.procs`);
}

/** The directory that is deepest of those that both are below, or that one of them is. */
export function commonAncestor(first: string, second: string): string {
  const [one, other] = [first.split("/"), second.split("/")];
  const end = one.findIndex((name, index) => name !== other[index]);
  return (end < 0 ? one : one.slice(0, end)).join("/");
}

/** Only a cgroup of version 2 has this file. */
function maybeMountPoint(): string | undefined {
  return MOUNT_POINTS.find((path) => readPathStatus(`${path}/cgroup.controllers`).ok);
}

function ownCgroup(): string {
  const path = /^0::(.*)$/m.exec(readText("/proc/self/cgroup"))?.[1] ?? "/";
  return path === "/" ? "" : path;
}

function canWrite(path: string): boolean {
  return syscall("faccessat", AT_FDCWD, cString(path), OK.W_OK) === 0;
}
