/**
 * What docker calls the facts of `info` and `version`, for templates that were written for docker. They are methods, so
 * that JSON has myctr's own names alone. Pure.
 */

import type { VersionedInfo } from "./render_info.ts";

type Methods = Readonly<Record<string, () => unknown>>;

/** The facts of `info` that both have. */
export function dockerInfo(info: VersionedInfo): Methods {
  const { containers } = info;
  return {
    ServerVersion: () => info.version,
    Containers: () => containers.total,
    ContainersRunning: () => containers.running,
    ContainersPaused: () => containers.paused,
    // As docker counts: one that was only created has stopped too.
    ContainersStopped: () => containers.created + containers.exited,
    SecurityOptions: () => securityOptions(info),
    CgroupVersion: () => info.cgroup.version === "v2" ? "2" : "1",
    KernelVersion: () => info.kernel,
    OperatingSystem: () => info.operatingSystem,
    OSType: () => "linux",
    Architecture: () => info.architecture,
    NCPU: () => info.cpus,
    MemTotal: () => info.memoryBytes,
    Name: () => info.hostname,
    DockerRootDir: () => info.stateRoot,
  };
}

/** What confines every container here, in docker's words. */
function securityOptions({ security, isRootless, idMap }: VersionedInfo): readonly string[] {
  return [
    ...(security.includes("seccomp") ? ["name=seccomp,profile=builtin"] : []),
    ...(isRootless ? ["name=rootless"] : []),
    ...(idMap === "range" ? ["name=userns"] : []),
  ];
}

/** What `version` tells. */
export interface VersionFacts {
  readonly version: string;
  readonly denoVersion: string;
  readonly os: string;
  readonly architecture: string;
}

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** Docker's two halves: here both are the one program. */
export function dockerVersion({ version, os, architecture }: VersionFacts): Methods {
  const half = { Version: version, Os: os, Arch: GO_ARCHITECTURES[architecture] ?? architecture };
  return { Client: () => half, Server: () => half };
}
