/** Reads which myctr this is, what it runs on and what it keeps: `myctr info`. */

import { readIdMap } from "../host/id_map.ts";
import { readText } from "../host/read_text.ts";
import { listContainers } from "../runtime/containers.ts";
import { stateRoot } from "../runtime/state_root.ts";
import { readCgroup, readSeccomp, readSecurity, readState } from "./read_system.ts";

/** What is told; the names are those of `--format json`. */
export interface Info {
  readonly denoVersion: string;
  readonly operatingSystem: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly hostname: string;
  readonly stateRoot: string;
  readonly storage: { readonly filesystem: string; readonly availableBytes: number };
  readonly containers: Readonly<Record<"total" | "running" | "paused" | "created" | "exited", number>>;
  readonly cgroup: { readonly version: string; readonly controllers: readonly string[] };
  readonly isRootless: boolean;
  /** How ids inside become ids outside. */
  readonly idMap: "caller" | "single" | "range";
  /** What of the kernel's means to confine there is here; not all of it is used. */
  readonly security: readonly string[];
}

/** Reads it; containers that need it are put right, as by `myctr list`. */
export function readInfo(): Info {
  const uid = Deno.uid() ?? 0;
  const { kind } = readIdMap(uid, Deno.gid() ?? 0);
  const { filesystem, availableBytes } = readState(stateRoot());
  const { version, controllers } = readCgroup(uid);
  return {
    denoVersion: Deno.version.deno,
    operatingSystem: readSystemName(),
    kernel: readText("/proc/sys/kernel/osrelease").trim(),
    architecture: Deno.build.arch,
    cpus: navigator.hardwareConcurrency,
    memoryBytes: Number(/^MemTotal: +(\d+) kB/m.exec(readText("/proc/meminfo"))?.[1] ?? 0) * 1024,
    hostname: readText("/proc/sys/kernel/hostname").trim(),
    stateRoot: stateRoot(),
    storage: { filesystem, availableBytes },
    containers: countContainers(),
    cgroup: { version, controllers },
    isRootless: uid !== 0,
    idMap: kind,
    security: listSecurity(),
  };
}

function countContainers(): Info["containers"] {
  const all = listContainers({ all: true });
  const count = (wanted: string) => all.filter(({ status }) => status === wanted).length;
  return {
    total: all.length,
    // Docker counts what is about to be started again among them.
    running: count("running") + count("restarting"),
    paused: count("paused"),
    created: count("created"),
    exited: count("exited"),
  };
}

function listSecurity(): readonly string[] {
  const { hasAppArmor, selinux } = readSecurity();
  return [
    ...(readSeccomp() === "EFAULT" ? ["seccomp"] : []),
    ...(hasAppArmor ? ["apparmor"] : []),
    ...(selinux === undefined ? [] : [`selinux (${selinux})`]),
    "user namespaces",
  ];
}

/** Source: os-release(5). */
function readSystemName(): string {
  const line = /^PRETTY_NAME=(.*)$/m.exec(readText("/etc/os-release"))?.[1] ?? "Linux";
  return line.replace(/^(["'])(.*)\1$/, "$2");
}
