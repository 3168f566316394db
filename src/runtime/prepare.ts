/** From a request to a plan: reads what the plan needs, changes nothing. */

import { CtrError } from "../errors.ts";
import { callerEnv, callerWords } from "../executable/caller_env.ts";
import type { HostFacts, MappedIds, Terminal } from "../host/host_facts.ts";
import { askedIdMap, readIdMap } from "../host/id_map.ts";
import { maybeCgroupOf } from "../host/read_cgroup.ts";
import { readHasAppArmor } from "../host/read_apparmor.ts";
import {
  readCpuThrottlePaths,
  readDevices,
  readHostImage,
  readKind,
  readKinds,
  readLastCapability,
  readOpenFilesHard,
  readOwnCapabilities,
} from "../host/read_facts.ts";
import { buildPlan } from "../plan/build_plan.ts";
import type { Plan } from "../plan/operation.ts";
import { isOfAnother } from "../plan/sources.ts";
import { isAtOrBelow } from "../spec/clean_path.ts";
import { buildSpec } from "../spec/build_spec.ts";
import { hasIdMaps } from "../spec/choose_namespaces.ts";
import { parseEnvFile } from "../spec/parse_env.ts";
import type { ImageDefaults } from "../spec/image_defaults.ts";
import type { RunRequest } from "../spec/request.ts";
import { isConnected, NETWORK_HELPERS, networkOf, publishedPorts, renderPort } from "../spec/network.ts";
import { rejoin } from "../spec/rejoin.ts";
import { ANNOTATION, type RootKind, type Spec } from "../spec/types.ts";
import { chooseSeccomp } from "./choose_seccomp.ts";
import { containerDirectory, type ContainerState, readSpec, restartMarker } from "./container_state.ts";
import { eventsPath, renderEnd } from "./events.ts";
import { type Joins, joinsAgain, joinsOf } from "./joins.ts";
import { newId } from "./new_id.ts";
import type { ResolvedVolumes } from "./resolve_volumes.ts";
import { readEnvFile, readGiven, stateOf } from "./read_given.ts";
import { readHardLimits } from "./read_limits.ts";
import { ownCommand } from "./own_command.ts";
import { stateRoot } from "./state_root.ts";

/** All that is known before anything is done. */
export interface Prepared {
  readonly id: string;
  readonly spec: Spec;
  /** Those of --label-file and --label. */
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the volumes that go with it. */
  readonly ownVolumes: readonly string[];
  /** Called when its configuration says which volumes it uses: until then nobody may remove them. */
  readonly releaseVolumes: () => void;
  readonly host: HostFacts;
  /** Why a container that would be connected is not. */
  readonly networkLack?: string;
  readonly plan: Plan;
  readonly joins: Joins;
}

/** Prepares a run. @throws {CtrError} for whatever of the request can't be */
export async function prepare(asked: RunRequest): Promise<Prepared> {
  refuseOtherMachine();
  const image = await maybeFind(asked);
  const volumes = await maybeVolumes(asked, image);
  try {
    return await prepareWith(volumes?.request ?? asked, { image, volumes });
  } catch (error) {
    volumes?.undo();
    throw error;
  }
}

/** Prepares a run in the root of an image that is only being built. @throws {CtrError} as {@link prepare} */
export async function prepareOn(image: ImageDefaults, request: RunRequest): Promise<Prepared> {
  refuseOtherMachine();
  return await prepareWith(request, { image, volumes: undefined });
}

interface Found {
  readonly image: ImageDefaults | undefined;
  readonly volumes: ResolvedVolumes | undefined;
}

async function maybeVolumes(
  request: RunRequest,
  image: ImageDefaults | undefined,
): Promise<ResolvedVolumes | undefined> {
  const isAsked = request.mounts.some(({ type }) => type === "volume") ||
    (request.volumesFrom ?? []).length > 0 ||
    image !== undefined && image.volumes.length > 0;
  if (!isAsked) return undefined;
  return await (await import("./resolve_volumes.ts")).resolveVolumes(request, image);
}

async function prepareWith(request: RunRequest, { image, volumes }: Found): Promise<Prepared> {
  const id = newId();
  const uid = Deno.uid() ?? 0;
  const directory = containerDirectory(id);
  const joins = await joinsOf(request);
  const idMap = await maybeChooseIdMaps(request, uid);
  const built = annotated(
    buildSpec(request, {
      id,
      callerEnv: callerEnv(),
      envFiles: request.envFiles.map(readEnvFile),
      cwd: Deno.cwd(),
      home: callerEnv().HOME ?? "/",
      containerDirectory: directory,
      isRoot: uid === 0,
      joined: joins.byKind,
      ...(image !== undefined && { image }),
      ...(idMap !== undefined && { idMap }),
      ...(request.uts === "host" && { hostname: Deno.hostname() }),
      ...(request.ipc === "host" && { hostIpcPaths: Object.keys(readKinds(["/dev/shm", "/dev/mqueue"])) }),
      cpuThrottlePaths: request.privileged ? [] : readCpuThrottlePaths(),
      rootDirectory: request.rootfs === undefined ? undefined : findRoot(request.rootfs.path),
    }),
    volumes,
  );
  const seccomp = await chooseSeccomp(built);
  const spec = seccomp?.rules === undefined
    ? built
    : { ...built, linux: { ...built.linux, seccomp: seccomp.rules } };
  const { network, lack } = await networkFor(spec);
  const host = await readHost(spec, {
    id,
    directory,
    network,
    uid,
    isAttached: !request.detach,
    isTyping: request.interactive,
    isRemovedAtExit: request.remove,
    seccomp: seccomp?.filter,
  });
  joins.refuseOtherMap(host.idMap);
  return {
    id,
    spec,
    labels: { ...image?.labels, ...readLabels(request) },
    ownVolumes: volumes?.own ?? [],
    releaseVolumes: volumes?.release ?? (() => {}),
    host,
    ...(lack !== undefined && { networkLack: lack }),
    plan: buildPlan(spec, host),
    joins,
  };
}

/** The image that is a view of this machine, and in no store. */
const HOST_IMAGE = "host";

async function maybeFind(request: RunRequest): Promise<ImageDefaults | undefined> {
  const { rootfs, image: typed, pull: policy = "missing", platform, quiet: isQuiet = false } = request;
  if (rootfs !== undefined || typed === undefined || typed === HOST_IMAGE) {
    if (platform === undefined && policy !== "always") return undefined;
    throw new CtrError("usage", "Cannot pull the root: it is of this machine", {
      hint: "Leave out --platform and --pull, or name an image",
    });
  }
  const { imageDefaults, imageStore, isUnpacked, maybeFindImage } = await import("./find_image.ts");
  const store = imageStore();
  if (policy !== "always" && platform === undefined) {
    const found = maybeFindImage(store, typed);
    if (found !== undefined && isUnpacked(store, found)) return imageDefaults(store, found);
  }
  const { fetchImage } = await import("./fetch_image.ts");
  const options = { policy, isQuiet, ...(platform !== undefined && { platform }) };
  return imageDefaults(store, await fetchImage(store, typed, options));
}

/** Keeps the command line, as it was typed, and which binds are volumes. */
function annotated(spec: Spec, volumes: ResolvedVolumes | undefined): Spec {
  const createCommand = JSON.stringify(["myctr", ...callerWords()]);
  const uses = volumes?.uses ?? [];
  return {
    ...spec,
    annotations: {
      ...spec.annotations,
      [ANNOTATION.createCommand]: createCommand,
      ...(uses.length > 0 && { [ANNOTATION.volumes]: JSON.stringify(uses) }),
    },
  };
}

/** Prepares another start of a container. @throws {CtrError} where the machine has not what it needs any more */
export async function prepareStart(
  { id, labels, isRemovedAtExit, ownVolumes = [] }: ContainerState,
  { isAttached, isTyping }: { readonly isAttached: boolean; readonly isTyping: boolean },
): Promise<Prepared> {
  refuseOtherMachine();
  const before = readSpec(id);
  const joins = await joinsAgain(before);
  const spec = rejoin(before, joins.byKind);
  const seccomp = await chooseSeccomp(spec);
  const { network, lack } = await networkFor(spec);
  const host = await readHost(spec, {
    id,
    directory: containerDirectory(id),
    network,
    uid: Deno.uid() ?? 0,
    isAttached,
    isTyping,
    isRemovedAtExit,
    seccomp: seccomp?.filter,
  });
  joins.refuseOtherMap(host.idMap);
  return {
    id,
    spec,
    labels,
    ownVolumes,
    releaseVolumes: () => {},
    host,
    ...(lack !== undefined && { networkLack: lack }),
    plan: buildPlan(spec, host),
    joins,
  };
}

async function maybeChooseIdMaps(
  request: RunRequest,
  uid: number,
): Promise<Pick<MappedIds, "uids" | "gids"> | undefined> {
  if (!hasIdMaps(request)) return undefined;
  const { chooseIdMap } = await import("./choose_id_map.ts");
  return chooseIdMap(request, { uid, gid: Deno.gid() ?? 0 });
}

/** The interpreter for aarch64 is there and tested; the plan's open flags are still those of x86_64. */
function refuseOtherMachine(): void {
  if (Deno.build.arch === "x86_64") return;
  throw new CtrError("unsupported", `Cannot run containers on ${Deno.build.arch}: only x86_64 is supported`, {
    hint: "Use a machine with an x86_64 processor",
  });
}

/** Keys without a value are left out, as docker and podman do; on the command line they are empty labels. */
function readLabels({ labelFiles, labels }: RunRequest): Readonly<Record<string, string>> {
  if (labelFiles.length === 0) return labels;
  const read = labelFiles.flatMap((path) =>
    parseEnvFile(
      readGiven(path, { what: "label file", hint: "Check the path behind --label-file" }),
      "label file",
    )
  );
  const given = read.flatMap(({ name, value }) => value === undefined ? [] : [[name, value] as const]);
  return { ...Object.fromEntries(given), ...labels };
}

function findRoot(path: string): string {
  let real: string;
  try {
    real = Deno.realPathSync(path);
  } catch (error) {
    throw new CtrError("not_found", `Cannot use the root directory "${path}": ${stateOf(error)}`, {
      hint: "Write the path of an unpacked root file system behind --rootfs",
      cause: error,
    });
  }
  if (readKind(real) === "directory") return real;
  throw new CtrError("usage", `Cannot use the root directory "${path}": it is a file`, {
    hint: "Unpack it first, and write the path of the directory behind --rootfs",
  });
}

interface Place {
  readonly id: string;
  readonly directory: string;
  readonly uid: number;
  readonly isAttached: boolean;
  readonly isTyping: boolean;
  readonly isRemovedAtExit: boolean;
  readonly seccomp: HostFacts["seccomp"] | undefined;
  readonly network: HostFacts["network"] | undefined;
}

async function readHost(
  spec: Spec,
  { isAttached, isTyping, isRemovedAtExit, seccomp, network, ...at }: Place,
): Promise<HostFacts> {
  const hasUserNamespace = spec.linux.namespaces.some(({ type }) => type === "user");
  const sources = spec.mounts.filter((mount) => mount.type === "bind" && !isOfAnother(mount))
    .map(({ source }) => source);
  const own = sources.filter((source) => source.startsWith(`${at.directory}/`));
  const named = sources.filter((source) => !own.includes(source));
  const kinds = readKinds([...named, ...spec.linux.maskedPaths, ...spec.linux.readonlyPaths]);
  for (const source of named) {
    if (source in kinds) continue;
    // Nothing is made for a plan that is only printed.
    if (!source.startsWith(`${stateRoot()}/volumes/`)) throw missingSource(source);
    kinds[source] = "directory";
  }
  for (const source of own) kinds[source] = "file";
  refuseAppArmorWhereOff(spec.process.apparmorProfile);
  const isPrivileged = spec.annotations[ANNOTATION.privileged] === "true";
  const kind = spec.annotations[ANNOTATION.root] as RootKind;
  const hostImage = kind === "host" ? readHostImage() : undefined;
  const maskedKinds = hasOwnMasks(spec)
    ? (await import("./masked_kinds.ts")).readMaskedKinds(spec, hostImage)
    : undefined;
  const { rlimits } = spec.process;
  const cgroup = maybeCgroupOf(at.id, at.uid);
  const ownCapabilities = readOwnCapabilities();
  const added = spec.linux.devices.flatMap(({ source, path }) =>
    source === undefined ? [] : [{ source, path }]
  );
  const addedDevices = added.length > 0
    ? (await import("../host/read_added_devices.ts")).readAddedDevices(added)
    : undefined;
  return {
    idMap: hasUserNamespace ? mapOf(spec, at.uid) : { kind: "host" },
    lastCapability: readLastCapability(),
    ownCapabilities,
    openFilesHard: readOpenFilesHard(),
    kinds,
    ...(maskedKinds !== undefined && { maskedKinds }),
    hostImage,
    devices: isPrivileged && !hasUserNamespace ? readDevices() : [],
    ...(addedDevices !== undefined && { addedDevices }),
    ...(rlimits.length > 0 && { hardLimits: readHardLimits(rlimits, ownCapabilities) }),
    ...(seccomp !== undefined && { seccomp }),
    containerDirectory: at.directory,
    isAttached,
    ...(isAttached && spec.process.terminal && { terminal: await readTerminalOf(spec, isTyping) }),
    ...(network !== undefined && { network }),
    ...(cgroup !== undefined && { cgroup }),
    events: { path: eventsPath(), end: renderEnd(at.id) },
    atEnd: isRemovedAtExit
      ? ownCommand("__reap", at.id)
      : { ...ownCommand("__restart", at.id), marker: restartMarker(at.id) },
  };
}

/** What connects a container, or why nothing does. @throws {CtrError} code "unsupported" where a helper was asked for by name */
async function networkFor(
  spec: Spec,
): Promise<{ readonly network?: HostFacts["network"]; readonly lack?: string }> {
  const mode = networkOf(spec);
  if (!isConnected(mode)) return {};
  const choice = (await import("../host/read_network.ts")).chooseNetwork(
    mode === "private" ? NETWORK_HELPERS : [mode],
  );
  const published = publishedPorts(spec);
  if (!("lack" in choice)) {
    const ports = published.length === 0
      ? []
      : (await import("./choose_ports.ts")).choosePorts(published, choice);
    return { network: { ...choice, ports } };
  }
  const { lack, remedy } = choice;
  if (published.length > 0) {
    throw new CtrError("unsupported", `Cannot publish port ${renderPort(published[0]!)}: ${lack}`, {
      hint: `${capital(remedy)}; see doctor`,
    });
  }
  if (mode === "private") return { lack: `${lack} (${remedy}, or write --network none)` };
  const hint = `${capital(remedy)}, or choose another network: none needs no help`;
  throw new CtrError("unsupported", `Cannot use --network ${mode}: ${lack}`, { hint });
}

function capital(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

async function readTerminalOf({ annotations }: Spec, isTyping: boolean): Promise<Terminal> {
  const { readTerminal } = await import("../host/read_terminal.ts");
  return readTerminal({ isTyping: isTyping && annotations[ANNOTATION.interactive] === "true" });
}

function mapOf({ linux: { uidMappings: uids, gidMappings: gids } }: Spec, uid: number): MappedIds {
  const own = { uid, gid: Deno.gid() ?? 0 };
  return uids === undefined || gids === undefined
    ? readIdMap(own.uid, own.gid)
    : askedIdMap(own, { uids, gids });
}

/** Whether more is hidden than what the kernel's own file systems have. */
function hasOwnMasks({ linux }: Spec): boolean {
  return linux.maskedPaths.some((path) => !isAtOrBelow(path, "/proc") && !isAtOrBelow(path, "/sys"));
}

function refuseAppArmorWhereOff(profile: string | undefined): void {
  if (profile === undefined || readHasAppArmor()) return;
  throw new CtrError(
    "unsupported",
    `Cannot use AppArmor profile ${JSON.stringify(profile)}: AppArmor is off on this machine`,
    { hint: "Leave it out, or write --security-opt apparmor=unconfined" },
  );
}

function missingSource(source: string): CtrError {
  return new CtrError("not_found", `Cannot mount "${source}": it does not exist on the host`, {
    hint: "Make it first: myctr does not create directories on the host",
  });
}
