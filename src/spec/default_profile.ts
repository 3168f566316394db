/**
 * What every container gets without being asked: mounts, devices, masked and read-only paths. Pure.
 * Where Docker and Podman differ, the stricter one is taken.
 */

import type { RunRequest } from "./request.ts";
import type { Mount } from "./types.ts";

/** Docker's and Podman's PATH for an image that has none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Nodes below /dev, each with mode 0666. */
export const DEFAULT_DEVICES = ["null", "zero", "full", "random", "urandom", "tty"] as const;

/** Hidden: a file under /dev/null, a directory under an empty read-only tmpfs; one that is missing is skipped. */
export const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
  "/sys/fs/selinux",
] as const;

/** Seen, but not written to. */
export const READONLY_PATHS = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
] as const;

/** The files that myctr writes for each container, and where they appear in it. */
export const ENGINE_FILES = [
  { name: "resolv.conf", destination: "/etc/resolv.conf" },
  { name: "hosts", destination: "/etc/hosts" },
  { name: "hostname", destination: "/etc/hostname" },
] as const;

/** A part of the machine as it is. A volume of the user's says how it propagates: so the two are told apart. */
function machineBind(path: string, ...words: readonly string[]): Mount {
  return {
    destination: path,
    type: "bind",
    source: path,
    options: ["rbind", ...words, "nosuid", "nodev", "noexec"],
  };
}

/** Processes of a pid namespace that belongs to another user namespace can't be mounted anew. */
function procMount({ isHostProc }: SysFacts): Mount {
  if (isHostProc) return machineBind("/proc");
  return { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] };
}

/** Docker's and podman's: 64 MiB. */
const SHM_SIZE = 64 * 1024 * 1024;

const DEV: readonly Mount[] = [
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
];

/** What processes share: with the machine or another container, where the ipc namespace is theirs. */
function ipcMounts({ ipc, hostIpcPaths = [], shmSize = SHM_SIZE, shmSource }: SysFacts): readonly Mount[] {
  if (ipc === "host") return hostIpcPaths.map((path) => machineBind(path));
  const size = shmSize % 1024 === 0 ? `size=${shmSize / 1024}k` : `size=${shmSize}`;
  const options = ["nosuid", "noexec", "nodev"];
  const shm = shmSource === undefined
    ? { type: "tmpfs", source: "shm", options: [...options, "mode=1777", size] }
    : { type: "bind", source: shmSource, options: ["bind", ...options] };
  return [
    ...(ipc === "none" ? [] : [{ destination: "/dev/shm", ...shm }]),
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options },
  ];
}

/** What decides how the kernel's file systems are mounted. */
export interface SysFacts {
  /** Bytes; 0: no limit. */
  readonly shmSize?: number;
  readonly ipc?: RunRequest["ipc"];
  readonly hostIpcPaths?: readonly string[];
  /** The /dev/shm of the container whose ipc namespace is joined. */
  readonly shmSource?: string;
  /** Whether the pid namespace belongs to another user namespace. */
  readonly isHostProc?: boolean;
  readonly privileged: boolean;
  /** Whether sysfs can't be mounted anew: the network namespace belongs to another user namespace. */
  readonly isHostSys: boolean;
}

function sysMounts({ privileged, isHostSys }: SysFacts): readonly Mount[] {
  if (isHostSys) {
    return [machineBind("/sys", "ro")];
  }
  const access = privileged ? "rw" : "ro";
  return [
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", access] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup2",
      source: "cgroup2",
      options: [access, "nosuid", "noexec", "nodev"],
    },
  ];
}

/** Returns the default mounts in the order in which they are made. */
export function defaultMounts(facts: SysFacts): readonly Mount[] {
  return [procMount(facts), ...DEV, ...ipcMounts(facts), ...sysMounts(facts)];
}
