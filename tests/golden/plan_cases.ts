/** The plans that golden files and invariants are about: one row for each feature and each kind of host. */

import type { HostFacts, IdLine, IdMap, OwnCommand, PathKind, PortBinding } from "../../src/host/host_facts.ts";
import { buildSpec, type SpecFacts } from "../../src/spec/build_spec.ts";
import { JOINABLE, type JoinedContainers } from "../../src/spec/choose_namespaces.ts";
import type { ImageDefaults } from "../../src/spec/image_defaults.ts";
import type { NetworkHelperName } from "../../src/spec/network.ts";
import type { RunRequest } from "../../src/spec/request.ts";
import { type Mount, type Spec, UNLIMITED } from "../../src/spec/types.ts";

/** A specification and a machine, from which everything of a plan follows. */
export interface PlanCase {
  readonly name: string;
  readonly spec: Spec;
  readonly host: HostFacts;
}

/** Who runs myctr: root, an ordinary user with a range in /etc/subuid, or one without; the first also with a map. */
export type Caller = "rootless" | "mapped" | "single" | "root";

/** `myctr run host true`, as the command line parses it. */
export const REQUEST: RunRequest = {
  image: "host",
  rootfsTmpfs: false,
  command: ["true"],
  remove: false,
  detach: false,
  replace: false,
  interactive: false,
  init: false,
  env: [],
  envFiles: [],
  readOnly: false,
  mounts: [],
  network: "none",
  uidMaps: [],
  gidMaps: [],
  privileged: false,
  capAdd: [],
  capDrop: [],
  addedGroups: [],
  devices: [],
  ports: [],
  exposedPorts: [],
  sysctls: [],
  ulimits: [],
  labels: {},
  annotations: {},
  labelFiles: [],
  logOptions: [],
  attach: [],
  addedHosts: [],
  nameServers: [],
  searchDomains: [],
  resolverOptions: [],
  dryRun: false,
  explain: false,
  volumesFrom: [],
};

const CONTAINER_DIRECTORY = "/state/containers/c0";
const FACTS: Omit<SpecFacts, "isRoot" | "rootDirectory"> = {
  id: "0123456789abcdef".repeat(4),
  callerEnv: { TERM: "xterm" },
  envFiles: [],
  cwd: "/home/me",
  home: "/home/me",
  containerDirectory: CONTAINER_DIRECTORY,
  cpuThrottlePaths: ["/sys/devices/system/cpu/cpu0/thermal_throttle"],
};

/** What every image but the one called host is here. */
const IMAGE: ImageDefaults = {
  id: `sha256:${"0123456789abcdef".repeat(4)}`,
  layersDirectory: "/state/layers",
  layers: ["0000000000000003", "0000000000000002", "0000000000000001"],
  env: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
  entrypoint: ["/entry"],
  command: ["serve"],
  user: "app",
  workdir: "/srv/app",
  labels: {},
  exposedPorts: ["80/tcp"],
  volumes: [],
};

const OWN: IdLine = { containerID: 0, hostID: 1000, size: 1 };
const ID_MAPS: Readonly<Record<Caller, IdMap>> = {
  rootless: {
    kind: "caller",
    uid: 1000,
    gid: 1000,
    uids: [OWN, { containerID: 1, hostID: 100_000, size: 65_536 }],
    gids: [OWN, { containerID: 1, hostID: 200_000, size: 65_536 }],
  },
  // As --uidmap 0:1:1000 --uidmap 1000:0 makes it, with --gidmap 0:1:4: root is somebody else, group 5 is nobody.
  mapped: {
    kind: "caller",
    uid: 1000,
    gid: 1000,
    uids: [{ containerID: 0, hostID: 100_000, size: 1000 }, { ...OWN, containerID: 1000 }],
    gids: [{ containerID: 0, hostID: 200_000, size: 4 }],
  },
  single: { kind: "single", uid: 1000, gid: 1000, uids: [OWN], gids: [OWN] },
  root: {
    kind: "range",
    uid: 0,
    gid: 0,
    uids: [{ containerID: 0, hostID: 1_900_000_000, size: 65_536 }],
    gids: [{ containerID: 0, hostID: 1_900_000_000, size: 65_536 }],
  },
};

/** What of the masked and read-only paths this machine has; /proc/scsi and some others it has not. */
const KINDS: Readonly<Record<string, PathKind>> = {
  "/proc/acpi": "directory",
  "/proc/bus": "directory",
  "/proc/fs": "directory",
  "/proc/interrupts": "file",
  "/proc/irq": "directory",
  "/proc/kcore": "file",
  "/proc/keys": "file",
  "/proc/sys": "directory",
  "/proc/sysrq-trigger": "file",
  "/proc/timer_list": "file",
  "/sys": "directory",
  "/sys/devices/system/cpu/cpu0/thermal_throttle": "directory",
  "/sys/devices/virtual/powercap": "directory",
  "/sys/firmware": "directory",
  "/sys/kernel": "directory",
};

const LAST_CAPABILITY = 40;

/** Makes a case: a request that differs from {@link REQUEST}, by a caller, on a machine that differs in `host`. */
export function planCase(
  name: string,
  caller: Caller,
  change: Partial<RunRequest> = {},
  host: Partial<HostFacts> = {},
): PlanCase {
  const { image, ...rest } = { ...REQUEST, ...change };
  const request = rest.rootfs === undefined ? { ...rest, image: image ?? "host" } : rest;
  const spec = buildSpec(request, {
    ...FACTS,
    isRoot: caller === "root",
    hostname: "machine",
    joined: joinedOf(request),
    hostIpcPaths: ["/dev/shm", "/dev/mqueue"],
    rootDirectory: rest.rootfs === undefined ? undefined : `/srv/${rest.rootfs.path}`,
    ...(rest.rootfs === undefined && image !== "host" && { image: IMAGE }),
  });
  return { name, spec, host: { ...hostOf(spec, caller), isAttached: !request.detach, ...host } };
}

/** Process 77 is the one of `web`, 88 that of any other container. */
function joinedOf(request: RunRequest): JoinedContainers {
  const hasUserNamespace = request.userns !== "host";
  return Object.fromEntries(JOINABLE.flatMap((kind) => {
    const name = request[kind]?.split("container:")[1];
    return name === undefined ? [] : [[kind, { id: name, pid: name === "web" ? 77 : 88, hasUserNamespace }]];
  }));
}

function hostOf(spec: Spec, caller: Caller): HostFacts {
  const hasUserNamespace = spec.linux.namespaces.some(({ type }) => type === "user");
  const binds = spec.mounts.filter(({ type }) => type === "bind");
  const sources = binds.map(({ source }): [string, PathKind] => [source, kindOf(source)]);
  return {
    idMap: hasUserNamespace ? ID_MAPS[caller] : { kind: "host" },
    lastCapability: LAST_CAPABILITY,
    ownCapabilities: Array.from({ length: LAST_CAPABILITY + 1 }, (_, number) => number),
    openFilesHard: 1_048_576,
    kinds: { ...Object.fromEntries(sources), ...KINDS },
    hostImage: {
      links: [{ name: "bin", target: "usr/bin" }, { name: "lib", target: "usr/lib" }],
      directories: ["usr"],
      etc: [{ name: "passwd", kind: "file" }, { name: "ssl", kind: "directory" }],
    },
    devices: hasUserNamespace ? [] : [
      { name: "null", isBlock: false, major: 1, minor: 3, modeOctal: 0o666 },
      { name: "sda", isBlock: true, major: 8, minor: 0, modeOctal: 0o660 },
      { name: "mapper/control", isBlock: false, major: 10, minor: 236, modeOctal: 0o600 },
    ],
    containerDirectory: CONTAINER_DIRECTORY,
    isAttached: true,
    events: { path: "/state/events", end: '{"action":"die","id":"c0"}' },
    atEnd: { ...ownCommand("__restart"), marker: `${CONTAINER_DIRECTORY}/restart` },
  };
}

/** Engine files and what looks like a file are files. */
function kindOf(source: string): PathKind {
  return source.startsWith(`${CONTAINER_DIRECTORY}/`) || source.endsWith(".conf") ? "file" : "directory";
}

/** A bind as `-v` makes it. */
export function bindOf(source: string, destination: string, ...words: readonly string[]): Mount {
  return { destination, type: "bind", source, options: ["rbind", ...words] };
}

const DIRECTORY = { path: "debian", overlay: false };
const OVERLAY = { path: "debian", overlay: true };
const TMPFS: Mount = {
  destination: "/scratch",
  type: "tmpfs",
  source: "tmpfs",
  options: ["nosuid", "nodev", "noexec", "size=64m", "mode=1777"],
};

const SHARED: Partial<RunRequest> = { rootfs: DIRECTORY, pid: "host", ipc: "host", uts: "host" };

/** All that can be another container's. */
const JOINING = { network: "container:web", pid: "container:web", ipc: "container:web" } as const;

/** One of each setting. */
const SETTINGS: Partial<RunRequest> = {
  rootfs: DIRECTORY,
  addedGroups: ["audio"],
  umask: 0o077,
  oomScoreAdj: 300,
  ulimits: [{ type: "RLIMIT_NOFILE", soft: 64, hard: 8192 }, { type: "RLIMIT_CORE", soft: 0, hard: UNLIMITED }],
  sysctls: [{ name: "net.ipv4.ip_forward", value: "1" }, { name: "kernel.sem", value: "250 32000" }],
  shmSize: 1024,
  devices: [{ source: "/dev/snd", path: "/dev/snd" }, { source: "/dev/fuse", path: "/fuse" }],
};
const SETTINGS_FACTS: Partial<HostFacts> = {
  hardLimits: { RLIMIT_NOFILE: 1_048_576, RLIMIT_CORE: UNLIMITED },
  addedDevices: [
    {
      source: "/dev/snd/timer",
      path: "/dev/snd/timer",
      node: { name: "snd/timer", isBlock: false, major: 116, minor: 33, modeOctal: 0o660 },
    },
    {
      source: "/dev/fuse",
      path: "/fuse",
      node: { name: "fuse", isBlock: false, major: 10, minor: 229, modeOctal: 0o666 },
    },
  ],
};

/** A filter of one instruction, `return SECCOMP_RET_ALLOW`. Source: seccomp(2). */
export const FILTERED: Partial<HostFacts> = {
  seccomp: {
    filter: Uint8Array.fromHex("060000000000ff7f"),
    flags: ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
    summary: "all calls allowed",
  },
};

/** A terminal of 24 rows, whose keys go to the container. */
export const TERMINAL: Partial<HostFacts> = {
  terminal: { size: { rows: 24, columns: 80 }, settings: new Uint8Array(36).fill(7) },
};
const AT_TERMINAL: Partial<RunRequest> = { tty: true, interactive: true, command: ["sh"], rootfs: DIRECTORY };

const CGROUP: Partial<HostFacts> = { cgroup: "/sys/fs/cgroup/myctr/c0" };

const PORTS: readonly PortBinding[] = [
  { address: "127.0.0.1", hostPort: 8080, port: 80, protocol: "tcp" },
  { address: "::1", hostPort: 8081, port: 80, protocol: "tcp" },
];

/** What connects it. */
function helped(kind: NetworkHelperName, ports: readonly PortBinding[] = []): Partial<HostFacts> {
  return { network: { kind, path: `/usr/bin/${kind}`, ports, forwardsNames: ports.length > 0 } };
}

/** The cases, each with a golden file of its name. */
function ownCommand(word: string): OwnCommand {
  return { argv: ["myctr", word, "c0"], env: ["HOME=/home/me", "MYCTR_ROOT=/state"] };
}

export const PLAN_CASES: readonly PlanCase[] = [
  planCase("rootless_host_image", "rootless"),
  planCase("rootless_directory", "rootless", { rootfs: DIRECTORY }),
  planCase("rootless_overlay", "rootless", { rootfs: OVERLAY }),
  planCase("rootless_overlay_tmpfs", "rootless", { rootfs: OVERLAY, rootfsTmpfs: true }),
  planCase("rootless_image", "rootless", { image: "app", command: [] }),
  planCase("rootless_image_tmpfs", "rootless", { image: "app", rootfsTmpfs: true, workdir: "/" }),
  planCase("rootless_network_host", "rootless", { network: "host" }),
  planCase("rootless_read_only", "rootless", { rootfs: DIRECTORY, readOnly: true }),
  planCase("rootless_tmpfs", "rootless", { rootfs: DIRECTORY, mounts: [TMPFS] }),
  planCase("rootless_interactive", "rootless", { interactive: true, command: ["sh"] }),
  planCase("rootless_terminal", "rootless", AT_TERMINAL, { ...TERMINAL, ...FILTERED }),
  planCase("rootless_terminal_detached", "rootless", { ...AT_TERMINAL, init: true, detach: true }),
  planCase("rootless_terminal_of_the_host", "rootless", {
    ...AT_TERMINAL,
    interactive: false,
    mounts: [bindOf("/dev", "/dev")],
  }, { terminal: {} }),
  planCase("rootless_filtered", "rootless", { rootfs: DIRECTORY }, FILTERED),
  planCase("rootless_init", "rootless", { init: true, rootfs: DIRECTORY }),
  planCase("rootless_hostname", "rootless", { hostname: "box", domainname: "example.org", rootfs: DIRECTORY }),
  planCase("rootless_timeout", "rootless", {
    timeoutSeconds: 30,
    stopSignal: 2,
    stopTimeoutSeconds: 5,
    rootfs: DIRECTORY,
  }),
  planCase("rootless_detached", "rootless", { rootfs: DIRECTORY, detach: true, interactive: true }, {
    atEnd: ownCommand("__reap"),
  }),
  planCase("rootless_detached_unlogged", "rootless", { rootfs: DIRECTORY, detach: true, logDriver: "none" }),
  planCase("rootless_volumes", "rootless", {
    rootfs: DIRECTORY,
    mounts: [
      bindOf("data", "/data", "ro", "rprivate"),
      bindOf("/mnt", "/mnt", "rslave"),
      bindOf("/srv/app.conf", "/etc/app.conf"),
    ],
  }),
  planCase("rootless_user_with_capability", "rootless", {
    rootfs: DIRECTORY,
    user: "app",
    workdir: "/app",
    capAdd: ["CAP_NET_RAW"],
  }),
  planCase("rootless_no_capabilities", "rootless", { rootfs: DIRECTORY, capDrop: ["ALL"] }),
  planCase("rootless_confined", "rootless", {
    rootfs: DIRECTORY,
    noNewPrivileges: true,
    apparmorProfile: "docker-default",
    maskedPaths: ["/etc/motd", "/opt"],
    unmaskedPaths: ["/proc/k*", "/proc/sys"],
  }, { maskedKinds: { "/etc/motd": "file", "/opt": "directory" } }),
  planCase("rootless_shared", "rootless", SHARED),
  planCase("rootless_ipc_none", "rootless", { rootfs: DIRECTORY, ipc: "none" }),
  planCase("rootless_joined", "rootless", { rootfs: DIRECTORY, network: "container:web" }),
  planCase("rootless_joined_pid_ipc", "rootless", {
    rootfs: DIRECTORY,
    pid: "container:web",
    ipc: "container:db",
    init: true,
    oomScoreAdj: 500,
  }),
  planCase("rootless_settings", "rootless", SETTINGS, SETTINGS_FACTS),
  planCase("rootless_privileged", "rootless", { rootfs: DIRECTORY, privileged: true }),
  planCase("rootless_mapped", "mapped", { rootfs: DIRECTORY, mounts: [bindOf("data", "/data")] }),
  planCase("rootless_pasta", "rootless", { rootfs: DIRECTORY, network: "private" }, helped("pasta")),
  planCase("rootless_pasta_joined", "rootless", {
    rootfs: DIRECTORY,
    network: "pasta",
    pid: "container:web",
  }, helped("pasta", PORTS)),
  planCase("rootless_slirp4netns", "rootless", {
    ...AT_TERMINAL,
    network: "slirp4netns",
    detach: true,
    init: true,
  }, helped("slirp4netns", PORTS)),
  planCase("single_id", "single", { rootfs: DIRECTORY }),
  planCase("root_host_image", "root"),
  planCase("root_directory", "root", { rootfs: DIRECTORY }),
  planCase("root_terminal", "root", { ...AT_TERMINAL, user: "app", logDriver: "none" }, TERMINAL),
  planCase("root_overlay_volumes", "root", {
    rootfs: OVERLAY,
    mounts: [bindOf("/var/lib/data", "/data"), bindOf("/mnt", "/mnt", "rslave", "ro")],
  }, FILTERED),
  planCase("root_image", "root", { image: "app", command: [], readOnly: true }),
  planCase("root_cgroup", "root", { rootfs: DIRECTORY, logOptions: [{ maxFiles: 3 }] }, CGROUP),
  planCase("root_cgroup_pid_host", "root", { rootfs: DIRECTORY, pid: "host", userns: "host" }, CGROUP),
  planCase("root_network_host", "root", { network: "host" }),
  planCase("root_pasta", "root", { rootfs: OVERLAY, network: "pasta" }, helped("pasta", PORTS)),
  planCase("root_slirp4netns_userns_host", "root", {
    rootfs: DIRECTORY,
    network: "slirp4netns",
    userns: "host",
  }, helped("slirp4netns")),
  planCase("root_userns_host", "root", { rootfs: DIRECTORY, userns: "host" }),
  planCase("root_shared", "root", { ...SHARED, userns: "host" }),
  planCase("root_joined", "root", { rootfs: OVERLAY, ...JOINING }),
  planCase("root_joined_userns_host", "root", {
    rootfs: DIRECTORY,
    ...JOINING,
    userns: "host",
  }),
  planCase("root_settings", "root", { ...SETTINGS, userns: "host" }, {
    ...SETTINGS_FACTS,
    hardLimits: { RLIMIT_NOFILE: 4096, RLIMIT_CORE: 0 },
  }),
  planCase("root_privileged", "root", { rootfs: DIRECTORY, privileged: true }),
  planCase("root_mapped", "root", { rootfs: OVERLAY, privileged: true, userns: "private" }, {
    idMap: {
      kind: "range",
      uid: 0,
      gid: 0,
      uids: [{ containerID: 0, hostID: 0, size: 1 }, { containerID: 1, hostID: 100_001, size: 999 }],
      gids: [{ containerID: 0, hostID: 0, size: 1 }],
    },
  }),
];
