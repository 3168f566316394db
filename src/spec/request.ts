/** What the command line asks of `myctr run`, parsed and typed, before any fact of the host is known. Pure. */

import type { DetachKeys } from "./detach_keys.ts";
import type { HealthRequest } from "./healthcheck.ts";
import type { LogOption, LogOptions } from "./log_options.ts";
import type { NetworkMode } from "./network.ts";
import type { AttachedStream } from "./parse_attach.ts";
import type { ExposedPort, PublishedPort } from "./parse_publish.ts";
import type { DeviceRequest } from "./parse_device.ts";
import type { AddedHost } from "./parse_dns.ts";
import type { IdMapRequest } from "./parse_id_map.ts";
import type { Sysctl } from "./parse_sysctl.ts";
import type { RestartPolicy } from "./restart_policy.ts";
import type { Mount, Rlimit } from "./types.ts";

/** `-e NAME=VALUE` sets; `-e NAME` (no value) copies from the caller, or removes when the caller has none. */
export interface EnvSetting {
  readonly name: string;
  readonly value?: string;
}

/** `--rootfs DIR[:O]`. */
export interface RootfsRequest {
  /** As typed; made absolute by the runtime. */
  readonly path: string;
  /** Whether changes go to an overlay and leave the directory untouched. */
  readonly overlay: boolean;
}

/**
 * A bind (`-v`, `--mount type=bind`), whose source may be relative (`./x`), a tmpfs (`--tmpfs`, `--mount type=tmpfs`) or a
 * volume, whose source is its name, or "" where nobody names it; of its options `ro` and `nocopy` count.
 */
export type MountRequest = Mount;

/** `--volumes-from CONTAINER[:ro]`. */
export interface VolumesFrom {
  readonly container: string;
  readonly isReadOnly: boolean;
}

/** When an image is pulled. */
export type PullPolicy = "always" | "missing" | "never";

export interface RunRequest extends HealthRequest {
  /** `host`, or what is in the store or a registry; absent with `rootfs`. */
  readonly image?: string;
  readonly pull?: PullPolicy;
  /** Of the image, by Go's names; that of this machine where it is absent. */
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  /** Whether nothing is said of a pull. */
  readonly quiet?: boolean;
  readonly rootfs?: RootfsRequest;
  /** Whether the overlay's upper directory is in memory. */
  readonly rootfsTmpfs: boolean;
  /** What follows the image. */
  readonly command: readonly string[];
  /** `--entrypoint`: one word put before the command; `""` clears. */
  readonly entrypoint?: string;
  readonly name?: string;
  /** Whether the container that has the name makes way. */
  readonly replace: boolean;
  /** How long it may run; 0 is for ever. */
  readonly timeoutSeconds?: number;
  /** The number of the signal that asks it to end, and how long it has then; -1 is for ever. */
  readonly stopSignal?: number;
  readonly stopTimeoutSeconds?: number;
  /** Files to write: the id, the number of process 1, and how it ended. */
  readonly cidFile?: string;
  readonly pidFile?: string;
  readonly statusFile?: string;
  readonly remove: boolean;
  readonly restart?: RestartPolicy;
  /** Containers whose mounts are mounted here too. */
  readonly volumesFrom?: readonly VolumesFrom[];
  /** Whether it runs in the background: nothing of its streams is the caller's. */
  readonly detach: boolean;
  readonly logDriver?: LogOptions["driver"];
  readonly logOptions?: readonly LogOption[];
  readonly interactive: boolean;
  /** Of whoever stays: the streams that are passed on; absent or empty: all. */
  readonly attach?: readonly AttachedStream[];
  /** Whether a terminal of the container's own is its three streams. */
  readonly tty?: boolean;
  /** Of whoever stays: the keys that leave it to itself. */
  readonly detachKeys?: DetachKeys;
  /** Whether an init is process 1, which forwards signals and reaps. */
  readonly init: boolean;
  /** In command-line order. */
  readonly env: readonly EnvSetting[];
  /** Paths, in command-line order; `env` wins over them. */
  readonly envFiles: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly addedHosts: readonly AddedHost[];
  /** For resolv.conf(5), each in command-line order. */
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly resolverOptions: readonly string[];
  readonly readOnly: boolean;
  /** `-v`, `--mount` and `--tmpfs`, in command-line order. */
  readonly mounts: readonly MountRequest[];
  /** `container:NAME`: the network of another container. */
  readonly network: NetworkMode;
  /** `--publish`: what each of them names. */
  readonly ports?: readonly (readonly PublishedPort[])[];
  /** `--expose`, as `ports`; and whether all that is exposed is published. */
  readonly exposedPorts?: readonly (readonly ExposedPort[])[];
  readonly publishAll?: boolean;
  readonly pid?: "private" | "host" | `container:${string}`;
  /** `shareable` is `private` that other containers may join. */
  readonly ipc?: "private" | "shareable" | "none" | "host" | `container:${string}`;
  readonly uts?: "private" | "host";
  /** Absent: a new one, unless root asks for `--privileged`. */
  readonly userns?: "private" | "host";
  /** `--uidmap` and `--gidmap`; where only one of them was given, it counts for both. */
  readonly uidMaps?: readonly IdMapRequest[];
  readonly gidMaps?: readonly IdMapRequest[];
  readonly privileged: boolean;
  /** Canonical names (`CAP_NET_RAW`) or `ALL`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  /** `--group-add`: names or numbers. */
  readonly addedGroups?: readonly string[];
  readonly umask?: number;
  readonly oomScoreAdj?: number;
  readonly ulimits?: readonly Rlimit[];
  readonly sysctls?: readonly Sysctl[];
  /** Bytes of /dev/shm; 0: no limit. */
  readonly shmSize?: number;
  readonly devices?: readonly DeviceRequest[];
  /** `--security-opt no-new-privileges`. */
  readonly noNewPrivileges?: boolean;
  /** `--security-opt apparmor=PROFILE`, `unconfined` among them. */
  readonly apparmorProfile?: string;
  /** `--security-opt seccomp=FILE`, or `unconfined`. */
  readonly seccompProfile?: string;
  /** `--security-opt mask=PATH`: absolute paths in the container to hide. */
  readonly maskedPaths?: readonly string[];
  /** `--security-opt unmask=PATH`: paths, patterns with * and ?, or `ALL`. */
  readonly unmaskedPaths?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Paths, in command-line order; `labels` wins over them. */
  readonly labelFiles: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** `--dry-run`: print the plan and do nothing. */
  readonly dryRun: boolean | "json";
  /** `--explain`: print each operation as it happens. */
  readonly explain: boolean | "json";
  /** Hidden, `--fail-step STEP=ERRNO`: the operation with that number or label returns that errno. */
  readonly failStep?: string;
  /** Hidden, `--pause-step STEP`: the process waits for ever before that operation. */
  readonly pauseStep?: string;
}
