/** What of a container is about this machine, as `docker inspect` shows it. Pure. */

import type { ContainerState } from "../../runtime/container_state.ts";
import { CAPABILITIES, DEFAULT_CAPABILITIES } from "../../spec/capabilities.ts";
import { ANNOTATION, type Mount, type Spec, UNLIMITED } from "../../spec/types.ts";
import { networkOf } from "../../spec/network.ts";
import { requestedBindings } from "./ports.ts";
import { propagationOf, userBinds, userTmpfs } from "../../spec/user_mounts.ts";
import { GoMap, type Struct } from "../template/values.ts";

/** Builds `HostConfig`. */
export function buildHostConfig(
  spec: Spec,
  { isRemovedAtExit, restart }: Pick<ContainerState, "isRemovedAtExit" | "restart">,
): Struct {
  const { annotations, linux, process, root } = spec;
  const binds = userBinds(spec);
  const tmpfs = userTmpfs(spec);
  const isPrivileged = annotations[ANNOTATION.privileged] === "true";
  return {
    Binds: orNull(binds.map(renderBind)),
    ContainerIDFile: "",
    LogConfig: buildLogConfig(spec),
    NetworkMode: networkOf(spec),
    PortBindings: requestedBindings(spec),
    RestartPolicy: { Name: restart?.policy.name ?? "no", MaximumRetryCount: restart?.policy.maximum ?? 0 },
    AutoRemove: isRemovedAtExit,
    VolumeDriver: "",
    VolumesFrom: null,
    ConsoleSize: [0, 0],
    CapAdd: orNull(words(annotations[ANNOTATION.addedCapabilities], ",")),
    CapDrop: orNull(droppedCapabilities(spec, isPrivileged)),
    CgroupnsMode: has(spec, "cgroup") ? "private" : "host",
    Dns: words(annotations[ANNOTATION.nameServers], " "),
    DnsOptions: words(annotations[ANNOTATION.resolverOptions], " "),
    DnsSearch: words(annotations[ANNOTATION.searchDomains], " "),
    ExtraHosts: orNull(extraHosts(spec)),
    GroupAdd: orNull(words(annotations[ANNOTATION.addedGroups], ",")),
    IpcMode: ipcMode(spec),
    Cgroup: "",
    Links: null,
    OomScoreAdj: process.oomScoreAdj ?? 0,
    PidMode: pidMode(spec),
    Privileged: isPrivileged,
    PublishAllPorts: annotations[ANNOTATION.publishAll] === "true",
    ReadonlyRootfs: root.readonly,
    SecurityOpt: orNull(securityOptions(spec, isPrivileged)),
    Tmpfs: maybeMap(tmpfs.map(({ destination, options }) => [destination, options.join(",")])),
    UTSMode: has(spec, "uts") ? "" : "host",
    UsernsMode: has(spec, "user") ? "" : "host",
    ShmSize: shmSize(spec),
    Sysctls: maybeMap(Object.entries(linux.sysctl ?? {})),
    Runtime: "myctr",
    Isolation: "",
    ...UNLIMITED_RESOURCES,
    Devices: addedDevices(spec),
    DeviceCgroupRules: null,
    DeviceRequests: null,
    Ulimits: process.rlimits.map(({ type, soft, hard }) => ({
      Name: type.replace("RLIMIT_", "").toLowerCase(),
      Hard: hard === UNLIMITED ? -1 : hard,
      Soft: soft === UNLIMITED ? -1 : soft,
    })),
    MaskedPaths: linux.maskedPaths,
    ReadonlyPaths: linux.readonlyPaths,
    Init: annotations[ANNOTATION.init] === "true" ? true : undefined,
  };
}

/** Docker's values for what has no limit. */
const UNLIMITED_RESOURCES = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: "",
  BlkioWeight: 0,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpusetCpus: "",
  CpusetMems: "",
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: null,
  PidsLimit: null,
} as const;

/** Docker's lists that nothing was given for. */
function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

function maybeMap(entries: readonly (readonly [string, string])[]): GoMap | undefined {
  return entries.length === 0 ? undefined : new GoMap("", entries);
}

function words(text: string | undefined, separator: string): readonly string[] {
  return text === undefined || text === "" ? [] : text.split(separator);
}

function has({ linux }: Spec, kind: string): boolean {
  return linux.namespaces.some(({ type }) => type === kind);
}

/** As it is written behind -v: options that are not the default ones. */
function renderBind(mount: Mount): string {
  const { source, destination, options } = mount;
  const propagation = propagationOf(mount);
  const named = [
    ...options.filter((word) => ["bind", "ro", "nosuid", "nodev", "noexec"].includes(word)),
    ...(propagation === undefined || propagation === "rprivate" ? [] : [propagation]),
  ];
  return [source, destination, ...(named.length > 0 ? [named.join(",")] : [])].join(":");
}

function buildLogConfig({ annotations }: Spec): Struct {
  const [size, files] = [annotations[ANNOTATION.logMaxBytes], annotations[ANNOTATION.logMaxFiles]];
  return {
    Type: annotations[ANNOTATION.logDriver] ?? "file",
    Config: new GoMap("", [
      ...(size === undefined ? [] : [["max-size", size] as const]),
      ...(files === undefined ? [] : [["max-file", files] as const]),
    ]),
  };
}

/** What a container like this has by default and this one has not. */
function droppedCapabilities({ process, annotations }: Spec, isPrivileged: boolean): readonly string[] {
  const added = words(annotations[ANNOTATION.addedCapabilities], ",");
  const base = isPrivileged || added.length === CAPABILITIES.length ? CAPABILITIES : DEFAULT_CAPABILITIES;
  return base.filter((name) => !process.capabilities.bounding.includes(name));
}

/** Lines of /etc/hosts, as they are written behind --add-host. */
function extraHosts({ annotations }: Spec): readonly string[] {
  return words(annotations[ANNOTATION.hosts], "\n").flatMap((line) => {
    const [address, names = ""] = line.split("\t");
    return names.split(" ").map((name) => `${name}:${address}`);
  });
}

function pidMode(spec: Spec): string {
  const joined = spec.annotations[ANNOTATION.pidOf];
  if (joined !== undefined) return `container:${joined}`;
  return has(spec, "pid") ? "" : "host";
}

function ipcMode(spec: Spec): string {
  const joined = spec.annotations[ANNOTATION.ipcOf];
  if (joined !== undefined) return `container:${joined}`;
  if (!has(spec, "ipc")) return "host";
  return spec.mounts.some(({ destination }) => destination === "/dev/shm") ? "private" : "none";
}

function securityOptions({ annotations, process }: Spec, isPrivileged: boolean): readonly string[] {
  const seccomp = annotations[ANNOTATION.seccomp] ?? "default";
  const isImplied = seccomp === "default" || (isPrivileged && seccomp === "unconfined");
  return [
    ...(process.noNewPrivileges ? ["no-new-privileges"] : []),
    ...(process.apparmorProfile === undefined ? [] : [`apparmor=${process.apparmorProfile}`]),
    ...(isImplied ? [] : [`seccomp=${seccomp}`]),
  ];
}

/** In bytes; 0 where it has no /dev/shm of its own, or one without a limit. */
function shmSize({ mounts }: Spec): number {
  const shm = mounts.find(({ destination, source }) => destination === "/dev/shm" && source === "shm");
  const [, digits = "0", unit] =
    /^size=(\d+)(k?)$/.exec(shm?.options.find((each) => each.startsWith("size=")) ?? "") ?? [];
  return Number(digits) * (unit === "k" ? 1024 : 1);
}

function addedDevices({ linux }: Spec): readonly Struct[] {
  return linux.devices.flatMap(({ path, source }) =>
    source === undefined ? [] : [{ PathOnHost: source, PathInContainer: path, CgroupPermissions: "rwm" }]
  );
}
