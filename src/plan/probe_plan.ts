/**
 * Plans that only try what a machine allows: nothing of them is left when their processes have ended. No call stops
 * them; the result of each is traced. Pure.
 */

import { CLONE } from "../../ffi/constants/clone.ts";
import { MOUNT_ATTR, MOVE_MOUNT } from "../../ffi/constants/mount.ts";
import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { KEYCTL, SIG } from "../../ffi/constants/process.ts";
import { FD, USER_NAMESPACE } from "./descriptors.ts";
import { NAMESPACE_FLAG } from "./namespace_words.ts";
import { type Call, call, type Plan, slot } from "./operation.ts";
import { openTree, PlanBuilder, setAttributes } from "./plan_builder.ts";
import { newFilesystem, STAGE } from "./root_steps.ts";
import { BARE, bareFacts } from "./own_plan.ts";

/** A kind of namespace that a container has. */
export type ProbedNamespace = keyof typeof NAMESPACE_FLAG;

/** All of them, the one that the others hang on first. */
export const PROBED_NAMESPACES = Object.keys(NAMESPACE_FLAG) as readonly ProbedNamespace[];

/** Labels of what the plans try: results are found by them. */
export const PROBE = {
  namespaces: "create the namespaces",
  map: "map one id",
  overlay: "mount an overlay in memory",
  stateOverlay: "mount an overlay in the state directory",
  keyring: "join a session keyring",
  shift: "shift the ids of files",
  mount: (type: string) => `mount ${type}`,
} as const;

/** File systems that every container mounts, and those that some do. */
export const PROBED_FILESYSTEMS = ["proc", "sysfs", "tmpfs", "devpts", "mqueue"] as const;

const NO_FACTS = bareFacts({ kind: "host" });

/** Who tries, and what of it. */
export interface ProbeOptions {
  readonly uid: number;
  readonly gid: number;
  readonly namespaces: readonly ProbedNamespace[];
  /** A directory with `lower`, `upper` and `work`, for an overlay on the disk. */
  readonly layers?: string | undefined;
}

/** Builds the plan that makes namespaces and mounts in them what a container needs. */
export function buildContainerProbe(options: ProbeOptions): Plan {
  const probe = new Probe();
  const flags = options.namespaces.reduce((bits, type) => bits | NAMESPACE_FLAG[type], 0n);
  probe.clone(flags);
  probe.container();
  if (options.namespaces.includes("user")) probe.try(PROBE.map, mapOneId(options));
  for (const type of PROBED_FILESYSTEMS) probe.try(PROBE.mount(type), probe.filesystem(type));
  probe.try(PROBE.overlay, [...probe.stage(), ...probe.overlay()]);
  if (options.layers !== undefined) {
    probe.try(PROBE.stateOverlay, [call("chdir", [options.layers]), ...probe.overlay()]);
  }
  probe.try(PROBE.keyring, [call("keyctl", [KEYCTL.KEYCTL_JOIN_SESSION_KEYRING, null])]);
  return probe.end();
}

/** Builds the plan that makes namespaces and nothing else. */
export function buildNamespaceProbe(namespaces: readonly ProbedNamespace[]): Plan {
  const probe = new Probe();
  probe.clone(namespaces.reduce((bits, type) => bits | NAMESPACE_FLAG[type], 0n));
  probe.container();
  return probe.end();
}

/** Builds the plan whose container waits, until it is let go, for its ids to be mapped from outside. */
export function buildIdMapProbe(): Plan {
  const probe = new Probe();
  probe.clone(CLONE.CLONE_NEWUSER);
  probe.container();
  probe.try("wait for myctr", [call("read", [FD.go, { out: "go.byte", size: 1 }, 1])]);
  return probe.end();
}

/**
 * Builds the plan that shifts the ids of a directory's files, on a mount that is attached nowhere. The new process
 * shares descriptors with its maker, which waits until it has left its user namespace at a known one (CLONE_VFORK).
 */
export function buildShiftProbe(options: Pick<ProbeOptions, "uid" | "gid"> & { directory: string }): Plan {
  const probe = new Probe();
  probe.clone(CLONE.CLONE_NEWUSER | CLONE.CLONE_FILES | CLONE.CLONE_VFORK);
  probe.try(PROBE.shift, [
    openTree(options.directory, "tree", { isRecursive: false }),
    setAttributes(
      slot("tree"),
      { attributes: MOUNT_ATTR.MOUNT_ATTR_IDMAP, userNamespace: USER_NAMESPACE },
      false,
    ),
  ]);
  probe.container();
  probe.try(PROBE.map, mapOneId(options));
  probe.try("show the user namespace", [
    call("openat", [AT_FDCWD, "/proc/self/ns/user", O.O_RDONLY | O.O_CLOEXEC, 0], { result: "userns" }),
    call("dup3", [slot("userns"), USER_NAMESPACE, O.O_CLOEXEC]),
  ]);
  return probe.end();
}

/** What everybody may map: the caller itself, as root. Source: user_namespaces(7). */
function mapOneId({ uid, gid }: Pick<ProbeOptions, "uid" | "gid">): Call[] {
  const write = (name: string, text: string) => [
    call("openat", [AT_FDCWD, `/proc/self/${name}`, O.O_WRONLY | O.O_CLOEXEC, 0], { result: name }),
    call("write", [slot(name), text, text.length]),
  ];
  return [
    ...write("setgroups", "deny"),
    ...write("uid_map", `0 ${uid} 1`),
    ...write("gid_map", `0 ${gid} 1`),
  ];
}

/** A plan in the making. */
class Probe {
  readonly #builder = new PlanBuilder(BARE, NO_FACTS);

  try(label: string, calls: readonly Call[]): void {
    const about = { label, shell: "", reason: "Tried, and undone.", man: "" };
    this.#builder.add(about, calls.map((each) => ({ ...each, failure: "ignore" })));
  }

  clone(flags: bigint): void {
    const fields = { flags, exit_signal: BigInt(SIG.SIGCHLD) };
    this.try(PROBE.namespaces, [
      call("clone3", [{ struct: "clone_args", fields }, 88], { starts: "container", result: "child" }),
    ]);
  }

  /** From here on the new process tries. */
  container(): void {
    this.try("wait for the new process", [call("wait4", [slot("child"), null, 0, null])]);
    this.#builder.as("container");
  }

  filesystem(type: string): Call[] {
    return newFilesystem(this.#builder, type, { result: type });
  }

  /** A file system in memory with an overlay's directories, and the step into it. */
  stage(): Call[] {
    return [
      ...newFilesystem(this.#builder, "tmpfs", { result: "stage" }),
      call("move_mount", [slot("stage"), "", AT_FDCWD, STAGE, MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH]),
      call("fchdir", [slot("stage")]),
      ...["lower", "upper", "work"].map((name) => call("mkdirat", [slot("stage"), name, 0o755])),
    ];
  }

  overlay(): Call[] {
    return newFilesystem(this.#builder, "overlay", {
      result: "overlay",
      data: [["lowerdir", "lower"], ["upperdir", "upper"], ["workdir", "work"]],
      flags: ["userxattr"],
    });
  }

  end(): Plan {
    this.try("end", [call("exit_group", [0])]);
    return { operations: this.#builder.operations };
  }
}
