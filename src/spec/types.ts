/**
 * The part of the OCI runtime-spec configuration that myctr reads and writes. Pure.
 * Source: opencontainers/runtime-spec 1.2, config.md and config-linux.md. Names are the specification's.
 */

/** `config.json`: everything the plan is made from, besides the facts of the host. */
export interface Spec {
  readonly ociVersion: string;
  readonly process: Process;
  readonly root: Root;
  readonly hostname?: string;
  readonly domainname?: string;
  /** In the order in which they are mounted. */
  readonly mounts: readonly Mount[];
  readonly linux: Linux;
  /** Keys of ours begin with `dev.myctr.`: see {@link ANNOTATION}. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the OCI model has no field for. */
export const ANNOTATION = {
  /** A {@link RootKind}. */
  root: "dev.myctr.root",
  /** Names of the lower directories of the overlay in root.path, colon separated, the topmost first; absent: itself. */
  layers: "dev.myctr.layers",
  /** The id of the image that the container was made of. */
  image: "dev.myctr.image",
  /** As JSON: name and destination of each volume. */
  volumes: "dev.myctr.volumes",
  /** `true`: the working directory is the image's, and is made where it is missing. */
  makesWorkdir: "dev.myctr.makes-workdir",
  /** The user as it was typed (`name`, `uid`, `name:group`, …); resolved inside the root. Absent: uid 0, gid 0. */
  user: "dev.myctr.user",
  /** `private`, or the helper that was asked for: what connects the container. Absent: nothing. */
  network: "dev.myctr.network",
  /** As JSON, what --publish says; and what is exposed, comma separated: `80/tcp`. */
  ports: "dev.myctr.ports",
  exposedPorts: "dev.myctr.exposed-ports",
  publishAll: "dev.myctr.publish-all",
  /** The id of the container whose network is joined; its names of machines are those of this one too. */
  networkOf: "dev.myctr.network-of",
  /** Those whose pid and ipc namespaces are joined. */
  pidOf: "dev.myctr.pid-of",
  ipcOf: "dev.myctr.ipc-of",
  /** Groups to add, by name or number, comma separated; resolved inside the root. */
  addedGroups: "dev.myctr.added-groups",
  /** `true`: HOME was set by the user or the image and is left alone. */
  homeIsSet: "dev.myctr.home-is-set",
  /** `true`: container stdin is myctr's; otherwise it is /dev/null. */
  interactive: "dev.myctr.interactive",
  /** `true`: process 1 is an init, and the command its child. */
  init: "dev.myctr.init",
  /** `default`, `unconfined`, or the path of the profile that linux.seccomp was made of. */
  seccomp: "dev.myctr.seccomp",
  privileged: "dev.myctr.privileged",
  /** Capabilities named by --cap-add, comma separated: a user other than root gets these and no others. */
  addedCapabilities: "dev.myctr.added-capabilities",
  /** In seconds; -1 for the second: for ever. The signal by number. */
  timeout: "dev.myctr.timeout",
  stopTimeout: "dev.myctr.stop-timeout",
  stopSignal: "dev.myctr.stop-signal",
  /** As JSON: a HealthCheck. */
  healthCheck: "dev.myctr.health-check",
  /** `none`: output is not kept; and the bounds of what is, where they are not the default ones. */
  logDriver: "dev.myctr.log-driver",
  logMaxBytes: "dev.myctr.log-max-bytes",
  logMaxFiles: "dev.myctr.log-max-files",
  /** The command line that made it, as a list in JSON. */
  createCommand: "dev.myctr.create-command",
  /** Lines of /etc/hosts. */
  hosts: "dev.myctr.hosts",
  /** For /etc/resolv.conf, space separated: addresses, domains (`.`: none), options. */
  nameServers: "dev.myctr.name-servers",
  searchDomains: "dev.myctr.search-domains",
  resolverOptions: "dev.myctr.resolver-options",
} as const;

/**
 * How the root directory comes to be: `host` is a view of this machine's system directories, `directory` is
 * root.path itself, `overlay` lays a container's own upper directory over root.path (or over layers in it), `overlay-tmpfs` one in memory.
 */
export type RootKind = "host" | "directory" | "overlay" | "overlay-tmpfs";

export interface Process {
  readonly args: readonly string[];
  /** `NAME=VALUE`, each name once. */
  readonly env: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly capabilities: Capabilities;
  readonly rlimits: readonly Rlimit[];
  readonly noNewPrivileges: boolean;
  /** Who that is stands in an annotation: it is resolved in the root. */
  readonly user?: { readonly umask: number };
  /** Absent: the caller's own. */
  readonly oomScoreAdj?: number;
  /** Absent: none is asked for. */
  readonly apparmorProfile?: string;
  /** Whether a terminal of the container's own is its three streams. */
  readonly terminal?: true;
}

/** Sets of capability names, `CAP_CHOWN`. For root, and for the bounding set of everybody. */
export interface Capabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

/** No limit: RLIM_INFINITY of sys/resource.h as near as a number comes; `config.json` has it exactly. */
export const UNLIMITED = 2 ** 64;

export interface Rlimit {
  /** `RLIMIT_NOFILE` … */
  readonly type: string;
  /** Up to 2^53, or {@link UNLIMITED}. */
  readonly soft: number;
  readonly hard: number;
}

export interface Root {
  /** Absolute path of the root directory, or of an image's layers; `host` for the image called host. */
  readonly path: string;
  readonly readonly: boolean;
}

export interface Mount {
  /** Absolute path inside the container. */
  readonly destination: string;
  /** `bind`, `tmpfs`, `proc`, `sysfs`, `cgroup2`, `devpts`, `mqueue`. */
  readonly type: string;
  /** Absolute path on the host for a bind, else the filesystem's name. */
  readonly source: string;
  /** Words of mount(8): `ro`, `nosuid`, `nodev`, `noexec`, `rprivate`, `rbind`, `size=64m`, `mode=1777` … */
  readonly options: readonly string[];
}

/** Ids in a row: from one inside and from one of this machine on. */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** Kinds of namespace as the OCI names them. */
export type NamespaceType = "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup";

/** A namespace of a container: new for it, or joined at a path. */
export interface Namespace {
  readonly type: NamespaceType;
  /** A file of /proc/PID/ns, of another container's process 1. */
  readonly path?: string;
}

export interface Linux {
  /** Rules of a profile that was named; the default profile is known by {@link ANNOTATION}. */
  readonly seccomp?: unknown;
  /** A kind that is not listed is shared with the host. */
  readonly namespaces: readonly Namespace[];
  /** Those of --uidmap and --gidmap, both or none. Absent: the caller's usual ids. */
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  /**
   * Device nodes the container gets, by absolute path: `/dev/null` …; with privileged: those of the host too. `source`
   * is the host's device, or directory of devices, of --device.
   */
  readonly devices: readonly { readonly path: string; readonly source?: string }[];
  /** Settings below /proc/sys by their names with dots. */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** `private`, `slave`, `shared`: propagation of the root's mounts. */
  readonly rootfsPropagation: "private" | "slave" | "shared";
}
