/** What a plan needs to know of the machine and of the places that myctr has prepared. Pure: types only. */

/** A range of ids: container id 0 is `start` on the host, and so on for `count` ids. */
export interface IdRange {
  readonly start: number;
  readonly count: number;
}

/** A line of uid_map or gid_map, in the OCI's words: so many ids, from one inside and one outside on. */
export interface IdLine {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** The ids of a container with a user namespace. */
export interface MappedIds {
  /** Who writes the maps. `single`: the caller, its own id alone. `caller`: newuidmap and newgidmap. `range`: root. */
  readonly kind: "single" | "caller" | "range";
  /** The caller's own. */
  readonly uid: number;
  readonly gid: number;
  readonly uids: readonly IdLine[];
  readonly gids: readonly IdLine[];
}

/** How ids inside become ids outside. `host`: no user namespace. With `range` files are shifted by idmapped mounts. */
export type IdMap = { readonly kind: "host" } | MappedIds;

/** What a path is: all that a plan needs to know to make a place for it. */
export type PathKind = "file" | "directory";

/** A device node of the host, for `--privileged` as root. */
export interface DeviceNode {
  /** Below /dev, such as `sda`. */
  readonly name: string;
  readonly isBlock: boolean;
  readonly major: number;
  readonly minor: number;
  readonly modeOctal: number;
}

/** A device of the host that the container has at a path: one of `--device`, or of a directory named by it. */
export interface AddedDevice {
  /** Absolute, on the host. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly path: string;
  readonly node: DeviceNode;
}

/** The parts of this machine that make up the image called host. */
export interface HostImage {
  /** Symbolic links in / to system directories: `bin` -> `usr/bin`. */
  readonly links: readonly { readonly name: string; readonly target: string }[];
  /** Directories shown read-only: `usr`, `lib` where it is no link. */
  readonly directories: readonly string[];
  /** Files and directories below /etc that programs need. */
  readonly etc: readonly { readonly name: string; readonly kind: PathKind }[];
}

/** A seccomp filter as the kernel takes it. */
export interface SeccompProgram {
  /** `struct sock_filter[]`. */
  readonly filter: Uint8Array;
  /** Flags of SECCOMP_SET_MODE_FILTER, by name. */
  readonly flags: readonly string[];
  /** What it does, in a line. */
  readonly summary: string;
}

/** The terminal of whoever stays. */
export interface Terminal {
  /** Absent where it is not known. */
  readonly size?: { readonly rows: number; readonly columns: number };
  /** `struct termios` as it was before; only where it is made raw, so that keys go to the container. */
  readonly settings?: Uint8Array<ArrayBuffer>;
}

/** A command of myctr's own. */
export interface OwnCommand {
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

/** What the monitor executes at the container's end. */
export interface LastCommand extends OwnCommand {
  /** Absolute: it is needed where that file is; without it, where no myctr is left to do its work. */
  readonly marker?: string;
}

/** A program that connects the container, as whoever runs myctr. */
export interface NetworkHelper {
  readonly kind: "pasta" | "slirp4netns";
  /** Absolute. */
  readonly path: string;
  readonly ports: readonly PortBinding[];
  /** Whether the container asks it for names: not all of the machine's name servers can be asked from there. */
  readonly forwardsNames: boolean;
}

/** A port of a container, and where on this machine it is reached. */
export interface PortBinding {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /** An IP address, without brackets. */
  readonly address: string;
  readonly hostPort: number;
}

export interface HostFacts {
  readonly idMap: IdMap;
  /** Highest capability number that the kernel knows. */
  readonly lastCapability: number;
  /** Capability numbers that the caller itself has to give: its bounding set. */
  readonly ownCapabilities: readonly number[];
  /** Hard limit of RLIMIT_NOFILE. */
  readonly openFilesHard: number;
  /** Kinds of the paths that a plan names: sources of binds, masked and read-only paths. Absent: not there. */
  readonly kinds: Readonly<Record<string, PathKind>>;
  /** Kinds of what is to be hidden in the root itself; only with `--security-opt mask`. */
  readonly maskedKinds?: Readonly<Record<string, PathKind>>;
  /** Only for the image called host. */
  readonly hostImage: HostImage | undefined;
  /** Only for `--privileged` without a user namespace. */
  readonly devices: readonly DeviceNode[];
  /** Only with `--device`. */
  readonly addedDevices?: readonly AddedDevice[];
  /** The caller's own hard limits, of those types that `--ulimit` names: `RLIMIT_NOFILE`. */
  readonly hardLimits?: Readonly<Record<string, number>>;
  /** The filter of system calls that was made for the spec; none with `seccomp=unconfined`. */
  readonly seccomp?: SeccompProgram;
  /** Absolute: the container's own directory in the state root, with `upper` and `work` for an overlay. */
  readonly containerDirectory: string;
  /** Whether the container's streams are those of the myctr that starts it: else they go to the log alone. */
  readonly isAttached: boolean;
  /** Only for a container with a terminal, where somebody stays. */
  readonly terminal?: Terminal;
  /** Only for a container that is to be connected: what does it; none where nothing can. */
  readonly network?: NetworkHelper;
  /** Absolute: the leaf cgroup to make for the container; none where the host allows none. */
  readonly cgroup?: string;
  /** The file of events, and what is appended to it at the container's end. */
  readonly events?: { readonly path: string; readonly end: string };
  /** What the monitor executes at the container's end, by the descriptor of myctr's executable. */
  readonly atEnd?: LastCommand;
}
