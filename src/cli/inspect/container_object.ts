/**
 * A container as `docker inspect` shows it. All of it is read from the configuration and the state: what myctr does not
 * have is docker's empty value, of the type that scripts expect. Pure. Source: moby, api/types/container.
 */

import type { RestartState } from "../../runtime/container_state.ts";
import { type ContainerStatus, isAlive } from "../../runtime/container_status.ts";
import type { ContainerFacts } from "../../runtime/inspect.ts";
import type { VolumeUse } from "../../runtime/volumes.ts";
import { type Health, healthCheckOf } from "../../spec/healthcheck.ts";
import { signalName } from "../../spec/parse_signal.ts";
import { ANNOTATION, type RootKind, type Spec } from "../../spec/types.ts";
import type { PortBinding } from "../../runtime/container_state.ts";
import { networkOf } from "../../spec/network.ts";
import { maybeExposed, presentBindings } from "./ports.ts";
import { propagationOf, userBinds } from "../../spec/user_mounts.ts";
import { GoMap, type Struct } from "../template/values.ts";
import { buildHostConfig } from "./host_config.ts";

/** What is known of a container. */
export interface Inspected {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly createdMs: number;
  readonly isRemovedAtExit: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
  readonly status: ContainerStatus;
  readonly restart?: RestartState;
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly exitCode?: number;
  /** Process 1 of one that runs. */
  readonly pid?: number;
  /** The path of its cgroup, while it runs. */
  readonly cgroup?: string;
  /** Where its ports are reached, while it runs. */
  readonly ports?: readonly PortBinding[];
  /** Absolute: where its files are. */
  readonly directory: string;
  readonly spec: Spec;
  /** Of one with a health check. */
  readonly checks?: Health;
  /** Where it was asked for. */
  readonly size?: { readonly ownBytes: number; readonly rootBytes?: number };
}

/** Gathers it from what was read. */
export function inspectedOf({ state, condition, spec, directory, size, health }: ContainerFacts): Inspected {
  const { stopSignal, stopTimeoutSeconds, pid, cgroup, ports: _ports, startedMs: _, ...rest } = state;
  const hasProcess = condition.status === "running" || condition.status === "paused";
  return {
    ...rest,
    ...condition,
    ...(stopSignal !== undefined && { stopSignal: signalName(stopSignal) }),
    ...(stopTimeoutSeconds !== undefined && { stopTimeoutSeconds }),
    ...(hasProcess && pid !== undefined && { pid }),
    ...(hasProcess && cgroup !== undefined && { cgroup }),
    directory,
    spec,
    ...(health !== undefined && { checks: health }),
    ...(size !== undefined && { size }),
  };
}

/**
 * Builds the object. Maps are GoMaps, so that a template may ask for a key that is not there; what docker's JSON has only
 * where it was given is a field without a value, so that a template may ask for it too.
 */
export function buildContainerObject(container: Inspected): Struct {
  const { id, name, image, directory, spec, size } = container;
  const [path = "", ...args] = spec.process.args;
  const hasFiles = spec.annotations[ANNOTATION.logDriver] !== "none";
  const graph = buildGraphDriver(container);
  return {
    Id: id,
    Created: renderTime(container.createdMs),
    Path: path,
    Args: args,
    State: buildState(container),
    Image: image,
    ResolvConfPath: `${directory}/resolv.conf`,
    HostnamePath: `${directory}/hostname`,
    HostsPath: `${directory}/hosts`,
    LogPath: hasFiles ? `${directory}/logs` : "",
    // As docker and its scripts have it.
    Name: `/${name}`,
    RestartCount: container.restart?.count ?? 0,
    Driver: graph.Name,
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: spec.process.apparmorProfile ?? "",
    ExecIDs: null,
    HostConfig: buildHostConfig(spec, container),
    GraphDriver: graph,
    SizeRw: size?.ownBytes,
    SizeRootFs: size?.rootBytes,
    Mounts: buildMounts(spec),
    Config: buildConfig(container),
    NetworkSettings: buildNetworkSettings(container),
    // Podman's name.
    OCIConfigPath: `${directory}/config.json`,
  };
}

/** Binds, and those of them that are volumes as such. */
function buildMounts(spec: Spec): readonly Struct[] {
  const uses = JSON.parse(spec.annotations[ANNOTATION.volumes] ?? "[]") as readonly VolumeUse[];
  return userBinds(spec).map((mount) => {
    const isReadOnly = mount.options.includes("ro");
    const use = uses.find(({ destination }) => destination === mount.destination);
    return {
      Type: use === undefined ? "bind" : "volume",
      Name: use?.name,
      Source: mount.source,
      Destination: mount.destination,
      Driver: use === undefined ? undefined : "local",
      Mode: isReadOnly ? "ro" : "",
      RW: !isReadOnly,
      Propagation: use === undefined ? propagationOf(mount) ?? "" : "",
    };
  });
}

/** Go's zero time: docker's for what has not happened. */
const NEVER = "0001-01-01T00:00:00Z";

function renderTime(ms: number | undefined): string {
  return ms === undefined ? NEVER : new Date(ms).toISOString();
}

function buildState(
  { status, pid, exitCode, startedMs, finishedMs, cgroup, restart, checks }: Inspected,
): Struct {
  return {
    Status: status,
    // Docker's, also of one that is paused or about to be started again.
    Running: isAlive(status),
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: false,
    Dead: false,
    Pid: pid ?? 0,
    ExitCode: exitCode ?? 0,
    Error: restart?.error ?? "",
    StartedAt: renderTime(startedMs),
    FinishedAt: renderTime(finishedMs),
    Health: checks === undefined ? undefined : buildHealth(checks),
    // Podman's name.
    CgroupPath: cgroup,
  };
}

function buildHealth({ status, failingStreak, log }: Health): Struct {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ startMs, endMs, exitCode, output }) => ({
      Start: renderTime(startMs),
      End: renderTime(endMs),
      ExitCode: exitCode,
      Output: output,
    })),
  };
}

/** Times in nanoseconds, as an image has them. */
function buildHealthcheck(spec: Spec): Struct | undefined {
  const check = healthCheckOf(spec);
  if (check === undefined) return undefined;
  return {
    Test: check.test,
    Interval: check.intervalMs * 1e6,
    Timeout: check.timeoutMs * 1e6,
    StartPeriod: check.startPeriodMs * 1e6,
    StartInterval: check.startIntervalMs * 1e6,
    Retries: check.retries,
  };
}

function buildGraphDriver({ spec, directory }: Inspected): { readonly Name: string; readonly Data: unknown } {
  const kind = spec.annotations[ANNOTATION.root] as RootKind;
  if (kind !== "overlay") return { Name: kind, Data: null };
  const data = {
    LowerDir: spec.root.path,
    UpperDir: `${directory}/layers/upper`,
    WorkDir: `${directory}/layers/work`,
  };
  return { Name: kind, Data: new GoMap("", Object.entries(data)) };
}

function buildConfig({ spec, image, labels, stopSignal, stopTimeoutSeconds }: Inspected): Struct {
  const { annotations, process, hostname = "", domainname = "" } = spec;
  const isInteractive = annotations[ANNOTATION.interactive] === "true";
  const created = annotations[ANNOTATION.createCommand];
  return {
    Hostname: hostname,
    Domainname: domainname,
    User: annotations[ANNOTATION.user] ?? "",
    AttachStdin: isInteractive,
    // They are a start's own matter, and not kept.
    AttachStdout: false,
    AttachStderr: false,
    Tty: process.terminal === true,
    OpenStdin: isInteractive,
    StdinOnce: isInteractive,
    Env: process.env,
    // What --entrypoint named is the first word of it.
    Cmd: process.args,
    Image: image,
    ExposedPorts: maybeExposed(spec),
    Volumes: null,
    WorkingDir: process.cwd,
    Entrypoint: null,
    OnBuild: null,
    Labels: new GoMap("", Object.entries(labels)),
    StopSignal: stopSignal,
    StopTimeout: stopTimeoutSeconds,
    Healthcheck: buildHealthcheck(spec),
    // Podman's name.
    CreateCommand: created === undefined ? undefined : JSON.parse(created),
  };
}

const NO_ENDPOINT = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: "",
  DriverOpts: null,
  NetworkID: "",
  EndpointID: "",
  Gateway: "",
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
} as const;

/** The network of another container is none of its own. */
function buildNetworkSettings({ spec, ports = [] }: Inspected): Struct {
  const network = networkOf(spec);
  const isShared = network.startsWith("container:");
  return {
    Bridge: "",
    SandboxID: "",
    SandboxKey: "",
    Ports: presentBindings(spec, ports),
    EndpointID: "",
    Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    MacAddress: "",
    Networks: new GoMap(null, isShared ? [] : [[network, NO_ENDPOINT]]),
  };
}
