/** What was found on this machine: what the checks judge, whatever machine it is. Pure: types only. */

import type { IdRange } from "../host/host_facts.ts";
import type { ProbedNamespace } from "../plan/probe_plan.ts";

/** How something that was tried went: `true`, or the call that failed and the name of its errno. */
export type Try = true | { readonly call: string; readonly errno: string };

/** A program that writes id maps, and whether it may. */
export interface HelperFinding {
  readonly path: string | undefined;
  /** How it gets its rights; undefined where it has none. */
  readonly privilege: "set-user-id" | "file capabilities" | undefined;
}

/** What is mounted for cgroups, and what of it is the caller's. */
export interface CgroupFinding {
  readonly version: "v2" | "hybrid" | "v1" | "none";
  /** Where cgroup2 is mounted. */
  readonly mount: string | undefined;
  /** Of cgroup2. */
  readonly controllers: readonly string[];
  /** The caller's own cgroup in cgroup2, as /proc/self/cgroup has it. */
  readonly own: string | undefined;
  /** The nearest directory in which the caller may make cgroups, and its controllers. */
  readonly writable: { readonly path: string; readonly controllers: readonly string[] } | undefined;
  /** Whether `writable` holds the caller's own cgroup: only then may it move processes there. */
  readonly isOwnWritable: boolean;
}

/** The state directory, or the nearest directory above where it is still to be made. */
export interface StateFinding {
  readonly root: string;
  readonly existing: string;
  readonly isWritable: boolean;
  readonly filesystem: string;
  readonly availableBytes: number;
  /** Undefined where there is no state directory yet. */
  readonly overlay: Try | undefined;
}

export interface Findings {
  readonly uid: number;
  readonly userName: string | undefined;
  readonly arch: string;
  readonly release: string;
  /** Texts of /proc/sys by name, such as `user.max_user_namespaces`; absent where the kernel has none. */
  readonly settings: Readonly<Record<string, string>>;
  /** System calls that the kernel, or a filter around this process, does not give. */
  readonly missingCalls: readonly string[];
  /** The errno with which the program could not even be started. */
  readonly noProgram: string | undefined;
  /** Whether the program has to be a file, since a memfd may not be executed. */
  readonly isMemfdRefused: boolean;
  readonly namespaces: Readonly<Record<ProbedNamespace, Try>>;
  /** Steps in new namespaces, by the labels of PROBE; absent where it did not come to them. */
  readonly steps: Readonly<Record<string, Try>>;
  readonly ranges: { readonly uids: IdRange | undefined; readonly gids: IdRange | undefined };
  readonly helpers: { readonly newuidmap: HelperFinding; readonly newgidmap: HelperFinding };
  /** The message where a map with the ranges was refused; undefined where none was tried. */
  readonly rangeMap: true | string | undefined;
  /** Only as root. */
  readonly shift: Try | undefined;
  readonly cgroup: CgroupFinding;
  /** The errno of an attempt to set a filter without an address: EFAULT is as far as it can get. */
  readonly seccomp: string;
  readonly lsm: readonly string[];
  readonly hasAppArmor: boolean;
  readonly selinux: "enforcing" | "permissive" | undefined;
  readonly keys: { readonly used: number; readonly most: number } | undefined;
  readonly tun: Try;
  readonly networkHelpers: Readonly<Record<"pasta" | "slirp4netns", string | undefined>>;
  /** The directory of the user's systemd that answers. */
  readonly userSession: string | undefined;
  readonly state: StateFinding;
}
