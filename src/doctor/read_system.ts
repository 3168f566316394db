/** Reads what this machine says of itself: settings, cgroups, programs, the state directory. Changes nothing. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { SECCOMP } from "../../ffi/constants/process.ts";
import { S_IS } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { openPath, readFilesystem, readPathStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { outcome } from "../../ffi/outcome.ts";
import { syscall } from "../../ffi/syscall.ts";
import { findHelper } from "../host/id_map.ts";
import { readText } from "../host/read_text.ts";
import type { CgroupFinding, Findings, HelperFinding, StateFinding, Try } from "./findings.ts";
import { parseMountInfo } from "./mount_info.ts";

const SETTINGS = [
  "user.max_user_namespaces",
  "kernel.unprivileged_userns_clone",
  "kernel.apparmor_restrict_unprivileged_userns",
  "kernel.yama.ptrace_scope",
  "vm.memfd_noexec",
] as const;

/** Reads the settings of the kernel that are there. */
export function readSettings(): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.map((name) => [name, readText(`/proc/sys/${name.replaceAll(".", "/")}`).trim()] as const)
      .filter(([, text]) => text !== ""),
  );
}

/** Makes calls that can have no effect: what is not there gives ENOSYS, what a filter forbids EPERM. */
export function readMissingCalls(): readonly string[] {
  const calls = [
    ["clone3", outcome(syscall("clone3", null, 0))],
    ["openat2", outcome(syscall("openat2", -1, null, null, 0))],
    ["close_range", outcome(syscall("close_range", 0xffff_fffe, 0xffff_ffff, 4))],
    ["pidfd_open", outcome(syscall("pidfd_open", -1, 0))],
    ["open_tree", outcome(syscall("open_tree", -1, cString("x"), 0xffff))],
    ["fsopen", outcome(syscall("fsopen", null, 0xffff))],
    ["mount_setattr", outcome(syscall("mount_setattr", -1, null, 0xffff_0000, null, 0))],
  ] as const;
  return calls.filter(([, made]) => !made.ok && errnoName(made.errno) === "ENOSYS").map(([name]) => name);
}

/** Asks for a filter at no address: a kernel with filters says EFAULT. */
export function readSeccomp(): string {
  const made = outcome(syscall("seccomp", SECCOMP.SECCOMP_SET_MODE_FILTER, 0, null));
  return made.ok ? "nothing" : errnoName(made.errno);
}

/** Reads whether a program that writes id maps is there, and has rights of its own to do so. */
export function readHelper(name: string): HelperFinding {
  const path = findHelper(name);
  if (path === undefined) return { path, privilege: undefined };
  const status = readPathStatus(path);
  if (status.ok && status.value.uid === 0 && (status.value.mode & S_IS.S_ISUID) !== 0) {
    return { path, privilege: "set-user-id" };
  }
  const size = outcome(syscall("getxattr", cString(path), cString("security.capability"), null, 0));
  return { path, privilege: size.ok && size.value > 0 ? "file capabilities" : undefined };
}

/** Opens a device for reading and writing, and closes it. */
export function tryDevice(path: string): Try {
  const opened = openPath(path, { flags: O.O_RDWR });
  if (!opened.ok) return { call: "open", errno: errnoName(opened.errno) };
  opened.value[Symbol.dispose]();
  return true;
}

/** Reads what the caller may do with cgroups. */
export function readCgroup(uid: number): CgroupFinding {
  const mounts = parseMountInfo(readText("/proc/self/mountinfo"));
  const mount = mounts.find(({ type }) => type === "cgroup2")?.target;
  const hasV1 = mounts.some(({ type }) => type === "cgroup");
  const own = /^0::(.*)$/m.exec(readText("/proc/self/cgroup"))?.[1];
  const version = mount === undefined ? (hasV1 ? "v1" : "none") : hasV1 ? "hybrid" : "v2";
  if (mount === undefined) {
    return { version, mount, controllers: [], own, writable: undefined, isOwnWritable: false };
  }
  const candidates = [own ?? "/", `/user.slice/user-${uid}.slice/user@${uid}.service`];
  const at = candidates.findIndex((path) => canWrite(`${mount}${path}/cgroup.procs`));
  const path = candidates[at];
  return {
    version,
    mount,
    controllers: words(`${mount}/cgroup.controllers`),
    own,
    writable: path === undefined
      ? undefined
      : { path, controllers: words(`${mount}${path}/cgroup.controllers`) },
    isOwnWritable: at === 0,
  };
}

/** Opening a file of cgroupfs changes nothing; only a write would. */
function canWrite(path: string): boolean {
  const opened = openPath(path, { flags: O.O_WRONLY });
  if (opened.ok) opened.value[Symbol.dispose]();
  return opened.ok;
}

function words(path: string): readonly string[] {
  return readText(path).split(/\s+/).filter((word) => word !== "");
}

/** Reads which security modules there are. */
export function readSecurity(): Pick<Findings, "hasAppArmor" | "lsm" | "selinux"> {
  const enforce = readText("/sys/fs/selinux/enforce").trim();
  return {
    hasAppArmor: readText("/sys/module/apparmor/parameters/enabled").trim() === "Y",
    lsm: readText("/sys/kernel/security/lsm").trim().split(",").filter((name) => name !== ""),
    selinux: enforce === "" ? undefined : enforce === "1" ? "enforcing" : "permissive",
  };
}

/** Reads how many keys the user has. Source: keyrings(7), /proc/key-users. */
export function readKeys(uid: number): Findings["keys"] {
  const found = new RegExp(`^ *${uid}: +\\d+ \\d+/\\d+ (\\d+)/(\\d+) `, "m").exec(
    readText("/proc/key-users"),
  );
  return found === null ? undefined : { used: Number(found[1]), most: Number(found[2]) };
}

/** Reads where the state directory is or would be; `overlay` is tried elsewhere. */
export function readState(root: string): Omit<StateFinding, "overlay"> {
  let existing = root;
  while (!readPathStatus(existing).ok && existing !== "/") {
    existing = existing.slice(0, existing.lastIndexOf("/")) || "/";
  }
  const mounts = parseMountInfo(readText("/proc/self/mountinfo"));
  const real = realPath(existing);
  const above = mounts.filter(({ target }) =>
    target === "/" || real === target || real.startsWith(`${target}/`)
  );
  // Of several mounts on one place the last one is on top.
  const filesystem = above.reduce(
    (best, each) => each.target.length >= best.target.length ? each : best,
    above[0]!,
  );
  return {
    root,
    existing,
    isWritable: canKeepFiles(existing),
    filesystem: filesystem?.type ?? "unknown",
    availableBytes: readAvailable(existing),
  };
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** A file without a name is gone with its descriptor. Some file systems have none: then the rights must do. */
function canKeepFiles(directory: string): boolean {
  const opened = openPath(directory, { flags: O.O_TMPFILE | O.O_RDWR, mode: 0o600 });
  if (opened.ok) {
    opened.value[Symbol.dispose]();
    return true;
  }
  if (errnoName(opened.errno) !== "EOPNOTSUPP") return false;
  const status = readPathStatus(directory);
  return status.ok && (Deno.uid() === 0 || status.value.uid === Deno.uid());
}

function readAvailable(directory: string): number {
  const opened = openPath(directory, { flags: O.O_RDONLY | O.O_DIRECTORY });
  if (!opened.ok) return 0;
  using fd = opened.value;
  const status = readFilesystem(fd.number);
  return status.ok ? Number(status.value.availableBytes) : 0;
}
