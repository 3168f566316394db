/** Builds the OCI configuration of a container from the command line and a few facts. Pure. */

import { CtrError } from "../errors.ts";
import { buildEnv, type BuiltEnv } from "./build_env.ts";
import { buildMounts } from "./build_mounts.ts";
import { type CapabilityChoice, chooseCapabilities } from "./capabilities.ts";
import { chooseNamespaces, type JoinedContainers } from "./choose_namespaces.ts";
import { DEFAULT_DEVICES } from "./default_profile.ts";
import { healthAnnotations } from "./healthcheck.ts";
import { logAnnotations } from "./log_options.ts";
import { type ImageDefaults, imageEnv, withImageDefaults } from "./image_defaults.ts";
import { nameAnnotations } from "./name_annotations.ts";
import { networkAnnotations } from "./network_annotations.ts";
import type { DeviceRequest } from "./parse_device.ts";
import { refuseForeignSysctls } from "./parse_sysctl.ts";
import { joinUlimits } from "./parse_ulimit.ts";
import type { EnvSetting, RunRequest } from "./request.ts";
import { JOINED_ANNOTATION } from "./rejoin.ts";
import { stopAnnotations } from "./stop_annotations.ts";
import { chooseSystemPaths } from "./system_paths.ts";
import {
  ANNOTATION,
  type IdMapping,
  type Linux,
  type Mount,
  type Namespace,
  type NamespaceType,
  type Process,
  type Root,
  type RootKind,
  type Spec,
} from "./types.ts";

/** What the specification needs to know besides the request. */
export interface SpecFacts {
  /** The container's, 64 hexadecimal digits. */
  readonly id: string;
  readonly callerEnv: Readonly<Record<string, string>>;
  /** What the request's --env-file paths hold, in the same order. */
  readonly envFiles: readonly (readonly EnvSetting[])[];
  /** Where relative paths start; absolute. */
  readonly cwd: string;
  /** What `~` stands for; absolute. */
  readonly home: string;
  /** Absolute; holds the files hosts, hostname and resolv.conf. */
  readonly containerDirectory: string;
  readonly isRoot: boolean;
  /** The directory of --rootfs: absolute, symbolic links resolved. */
  readonly rootDirectory: string | undefined;
  /** The image, unless it is the one called host. */
  readonly image?: ImageDefaults;
  /** Only with --uidmap or --gidmap: as the machine counts. */
  readonly idMap?: { readonly uids: readonly IdMapping[]; readonly gids: readonly IdMapping[] };
  /** Of --network, --pid and --ipc those that are container:NAME. */
  readonly joined?: JoinedContainers;
  /** The machine's name; only with --uts=host. */
  readonly hostname?: string;
  /** Which of the machine's /dev/shm and /dev/mqueue are there; only with --ipc=host. */
  readonly hostIpcPaths?: readonly string[];
  /** The existing /sys/devices/system/cpu/cpu<n>/thermal_throttle; masked, since they tell of other work. */
  readonly cpuThrottlePaths?: readonly string[];
}

/** The image that is a view of this machine's system directories. */
const HOST_IMAGE = "host";
/** The profile that is none. */
const UNCONFINED = "unconfined";
const HOST_COMMAND: readonly string[] = ["/bin/sh"];

/**
 * Builds the specification.
 *
 * @throws {CtrError} code "usage", "not_found" (an image), "unsupported" (--userns=host as an ordinary user)
 */
export function buildSpec(asked: RunRequest, facts: SpecFacts): Spec {
  const request = facts.image === undefined ? asked : withImageDefaults(asked, facts.image);
  const root = buildRoot(request, facts);
  const hostname = request.uts === "host" ? facts.hostname ?? "" : request.hostname ?? facts.id.slice(0, 12);
  const capabilities = chooseCapabilities(request);
  const env = buildEnv({
    hostname,
    ...(facts.image !== undefined && { imageEnv: imageEnv(facts.image) }),
    hasTerminal: request.tty ?? false,
    env: request.env,
    envFiles: facts.envFiles,
    callerEnv: facts.callerEnv,
  });
  const namespaces = chooseNamespaces(request, facts);
  const has = (kind: NamespaceType) => namespaces.some(({ type }) => type === kind);
  const isHostSys = has("user") && !has("network");
  const isHostProc = has("user") && !has("pid");
  const ipc = facts.joined?.ipc;
  const mounts = buildMounts(request.mounts, {
    ...facts,
    ...request,
    isHostSys,
    isHostProc,
    ...(ipc !== undefined && { shmSource: `/proc/${ipc.pid}/root/dev/shm` }),
  });
  return {
    ociVersion: "1.2.0",
    process: buildProcess(request, facts, { env, capabilities }),
    root,
    hostname,
    ...(request.domainname !== undefined && { domainname: request.domainname }),
    mounts,
    linux: buildLinux(request, { ...facts, namespaces, isHostSys }),
    annotations: {
      ...buildAnnotations(request, { env, capabilities }, facts.image),
      ...imageAnnotations(asked, facts.image),
      ...Object.fromEntries(
        Object.entries(facts.joined ?? {}).map(([kind, { id }]) => [JOINED_ANNOTATION[kind as "ipc"], id]),
      ),
    },
  };
}

function buildRoot({ image, rootfs, readOnly, rootfsTmpfs }: RunRequest, facts: SpecFacts): Root {
  if (rootfsTmpfs && !rootfs?.overlay && facts.image === undefined) {
    throw new CtrError("usage", "Cannot use --rootfs-tmpfs: there is no overlay to put in memory", {
      hint: 'Write "--rootfs DIR:O --rootfs-tmpfs", or the name of an image other than host',
    });
  }
  if (facts.image !== undefined) return { path: facts.image.layersDirectory, readonly: readOnly };
  if (rootfs === undefined) {
    refuseNoImage(image);
    return { path: HOST_IMAGE, readonly: readOnly };
  }
  if (facts.rootDirectory === undefined) throw new TypeError("rootDirectory is missing");
  return { path: facts.rootDirectory, readonly: readOnly };
}

function refuseNoImage(image: string | undefined): void {
  if (image === HOST_IMAGE) return;
  if (image !== undefined) throw new TypeError("image is missing");
  throw new CtrError("usage", "Cannot run a container: there is no image", {
    hint: 'Try "myctr run host CMD" or "myctr run --rootfs DIR CMD"',
  });
}

function imageAnnotations(
  asked: RunRequest,
  image: ImageDefaults | undefined,
): Readonly<Record<string, string>> {
  if (image === undefined) return {};
  return {
    [ANNOTATION.layers]: image.layers.join(":"),
    [ANNOTATION.image]: image.id,
    ...(image.workdir && asked.workdir === undefined && { [ANNOTATION.makesWorkdir]: "true" }),
  };
}

interface Built {
  readonly env: BuiltEnv;
  readonly capabilities: CapabilityChoice;
}

function buildProcess(request: RunRequest, facts: SpecFacts, { env, capabilities: { set } }: Built): Process {
  return {
    args: chooseArgs(request, facts),
    env: env.env,
    cwd: chooseWorkdir(request.workdir),
    capabilities: { bounding: set, effective: set, permitted: set, inheritable: [], ambient: [] },
    rlimits: joinUlimits(request.ulimits ?? []),
    ...(request.umask !== undefined && { user: { umask: request.umask } }),
    ...(request.oomScoreAdj !== undefined && { oomScoreAdj: request.oomScoreAdj }),
    noNewPrivileges: request.noNewPrivileges ?? false,
    ...(request.tty && { terminal: true as const }),
    ...(request.apparmorProfile !== undefined && request.apparmorProfile !== UNCONFINED && {
      apparmorProfile: request.apparmorProfile,
    }),
  };
}

function chooseArgs(
  { entrypoint, command, image, rootfs }: RunRequest,
  { image: found }: Pick<SpecFacts, "image">,
): readonly string[] {
  const args = entrypoint ? [entrypoint, ...command] : command;
  if (args.length > 0) return args;
  if (found !== undefined) {
    throw new CtrError("usage", `Cannot run image ${JSON.stringify(image)}: it names no command`, {
      hint: `Write one behind it, as in "myctr run ${image} /bin/sh"`,
    });
  }
  if (rootfs === undefined) return HOST_COMMAND;
  throw new CtrError("usage", "Cannot run a container: there is no command", {
    hint: 'Write a command after the options, as in "myctr run --rootfs DIR /bin/sh"',
  });
}

/** Checks a working directory. @throws {CtrError} code "usage" where it is not absolute */
export function chooseWorkdir(workdir = "/"): string {
  if (workdir.startsWith("/")) return workdir;
  throw new CtrError(
    "usage",
    `Cannot use working directory ${JSON.stringify(workdir)}: the path is not absolute`,
    { hint: "Begin the value of --workdir with /" },
  );
}

interface LinuxFacts extends Pick<SpecFacts, "cpuThrottlePaths" | "idMap"> {
  readonly namespaces: readonly Namespace[];
  readonly isHostSys: boolean;
}

function buildLinux(request: RunRequest, facts: LinuxFacts): Linux {
  const { mounts } = request;
  // As podman does where it has to bind the host's /sys.
  const hostSysPaths = facts.isHostSys ? ["/sys/kernel"] : [];
  const { devices = [], sysctls = [] } = request;
  const own = facts.namespaces.filter(({ path }) => path === undefined).map(({ type }) => type);
  refuseForeignSysctls(sysctls, own);
  const hasOwnDev = mounts.some(({ destination, type }) => destination === "/dev" && type === "bind");
  return {
    namespaces: facts.namespaces,
    ...(facts.idMap !== undefined && { uidMappings: facts.idMap.uids, gidMappings: facts.idMap.gids }),
    ...chooseSystemPaths(request, [...(facts.cpuThrottlePaths ?? []), ...hostSysPaths]),
    devices: joinDevices(hasOwnDev ? [] : DEFAULT_DEVICES, devices),
    ...(sysctls.length > 0 &&
      { sysctl: Object.fromEntries(sysctls.map(({ name, value }) => [name, value])) }),
    rootfsPropagation: choosePropagation(mounts),
  };
}

/** Of one path the last device counts, and the user's before a default. */
function joinDevices(names: readonly string[], added: readonly DeviceRequest[]): Linux["devices"] {
  const defaults = names.map((name) => ({ path: `/dev/${name}` }));
  return [...new Map([...defaults, ...added].map((device) => [device.path, device])).values()];
}

/** A mount can take part in propagation only as far as the root around it does. */
function choosePropagation(mounts: readonly Mount[]): Linux["rootfsPropagation"] {
  const words = new Set(mounts.flatMap(({ options }) => options));
  if (words.has("shared") || words.has("rshared")) return "shared";
  return words.has("slave") || words.has("rslave") ? "slave" : "private";
}

function buildAnnotations(
  request: RunRequest,
  { env, capabilities }: Built,
  image: ImageDefaults | undefined,
): Readonly<Record<string, string>> {
  const { addedGroups = [], user, interactive, privileged, init, seccompProfile } = request;
  return {
    ...request.annotations,
    ...nameAnnotations(request),
    ...networkAnnotations(request, image?.exposedPorts ?? []),
    ...stopAnnotations(request),
    ...logAnnotations(request),
    ...healthAnnotations(request, image?.health),
    [ANNOTATION.root]: rootKind(request),
    ...(user !== undefined && { [ANNOTATION.user]: user }),
    ...(addedGroups.length > 0 && { [ANNOTATION.addedGroups]: addedGroups.join(",") }),
    ...(env.isHomeSet && { [ANNOTATION.homeIsSet]: "true" }),
    ...(interactive && { [ANNOTATION.interactive]: "true" }),
    ...(init && { [ANNOTATION.init]: "true" }),
    [ANNOTATION.seccomp]: seccompProfile ?? (privileged ? "unconfined" : "default"),
    ...(privileged && { [ANNOTATION.privileged]: "true" }),
    ...(capabilities.added.length > 0 && {
      [ANNOTATION.addedCapabilities]: capabilities.added.join(","),
    }),
  };
}

function rootKind({ image, rootfs, rootfsTmpfs }: RunRequest): RootKind {
  if (rootfs === undefined && image === HOST_IMAGE) return "host";
  if (rootfs?.overlay === false) return "directory";
  return rootfsTmpfs ? "overlay-tmpfs" : "overlay";
}
