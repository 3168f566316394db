/** Collects the operations of a plan, and the names that several of its parts share. Pure. */

import { AT, AT_FDCWD, O, RESOLVE, S_IF } from "../../ffi/constants/open.ts";
import { MOVE_MOUNT, OPEN_TREE } from "../../ffi/constants/mount.ts";
import type { Namespace, NamespaceType, Spec } from "../spec/types.ts";
import { type LogOptions, parseLog } from "../spec/log_options.ts";
import { ANNOTATION } from "../spec/types.ts";
import type { HostFacts, OwnCommand } from "../host/host_facts.ts";
import { FD, type OtherNumbers, otherNumbers } from "./descriptors.ts";
import {
  type Actor,
  type Argument,
  type Call,
  call,
  type CallOptions,
  type Operation,
  slot,
} from "./operation.ts";

/** What is said about an operation besides its calls. */
export interface About {
  readonly label: string;
  readonly shell: string;
  readonly reason: string;
  readonly man: string;
}

/** Becomes a command of myctr's own, by the descriptor of its file. */
export function executeSelf({ argv, env }: OwnCommand, options: CallOptions = {}): Call {
  return call("execveat", [FD.executable, "", { texts: argv }, { texts: env }, AT.AT_EMPTY_PATH], options);
}

/** A namespace of another container, and where to open it. */
export type JoinedNamespace = Required<Namespace>;

/** The plan in the making: spec and facts at hand, operations in order. */
export class PlanBuilder {
  readonly spec: Spec;
  readonly host: HostFacts;
  /** What of the output is kept. */
  readonly log: LogOptions;
  readonly operations: Operation[] = [];
  /** The numbers of what the program is given besides. */
  readonly others: OtherNumbers;
  /** Whether the plan is of a process that joins a container, which is there. */
  readonly isExec: boolean;
  /** Whether it ends in a command of myctr's own, which has the caller's streams as they are. */
  readonly isOwn: boolean;
  #actor: Actor = "monitor";
  #names = 0;

  constructor(spec: Spec, host: HostFacts, { isExec = false, isOwn = false } = {}) {
    this.spec = spec;
    this.host = host;
    this.log = parseLog(spec.annotations);
    this.isExec = isExec;
    this.isOwn = isOwn;
    this.others = otherNumbers({
      isExec,
      hasClient: this.hasTerminal && host.isAttached,
      hasDoor: hasDoor(spec, host) && !isExec && !isOwn,
      hasNetwork: host.network !== undefined && !isExec && !isOwn,
    });
  }

  /** The first descriptor that is not handed over; the pipe that reports the start is this one and the next. */
  get firstFree(): number {
    return this.others.firstFree;
  }

  /** Whether the command's streams are a terminal of the container's. */
  get hasTerminal(): boolean {
    return this.spec.process.terminal === true && !this.isOwn;
  }

  /** Whether the monitor, as root outside, opens host directories and shifts their ids for the container. */
  get isIdmapped(): boolean {
    return this.host.idMap.kind === "range";
  }

  /** Whether the user namespace is another container's, with its ids mapped already. */
  get isJoined(): boolean {
    return this.joinedNamespaces.some(({ type }) => type === "user");
  }

  /** Namespaces of other containers, users first. */
  get joinedNamespaces(): readonly JoinedNamespace[] {
    return this.spec.linux.namespaces.flatMap(({ type, path }) => path === undefined ? [] : [{ type, path }]);
  }

  /** Whether container and monitor share their descriptors at first: so mounts are handed over. */
  get sharesDescriptors(): boolean {
    return this.isIdmapped && !this.isJoined && !this.isExec;
  }

  /** The kinds that are new for this container. */
  get newNamespaces(): readonly NamespaceType[] {
    return this.spec.linux.namespaces.filter(({ path }) => path === undefined).map(({ type }) => type);
  }

  get hasUserNamespace(): boolean {
    return this.host.idMap.kind !== "host";
  }

  get isPrivileged(): boolean {
    return this.annotation("privileged") === "true";
  }

  annotation(key: keyof typeof ANNOTATION): string | undefined {
    return this.spec.annotations[ANNOTATION[key]];
  }

  /** From here on, operations belong to that process. */
  as(actor: Actor): void {
    this.#actor = actor;
  }

  add(about: About, calls: readonly Call[]): void {
    this.operations.push({ actor: this.#actor, ...about, calls });
  }

  /** Adds something that myctr itself does while the program waits. */
  act(about: About, action: string): void {
    this.operations.push({ actor: "myctr", ...about, calls: [], action });
  }

  /** A name that no other result has. */
  name(stem: string): string {
    this.#names++;
    return `${stem}.${this.#names}`;
  }
}

/**
 * Whether others may type to the container later: at its terminal, or into a pipe that nobody else has. With -i alone, and
 * somebody there, the input is theirs, and ends with theirs.
 */
export function hasDoor(
  { process, annotations }: Spec,
  { isAttached }: { readonly isAttached: boolean },
): boolean {
  return process.terminal === true || annotations[ANNOTATION.interactive] === "true" && !isAttached;
}

/** The descriptor of the container's root, once there is one. */
export const ROOT = slot("root");

/** Opens a directory or file of the root by name, as the root sees it. The result is for {@link attach}. */
export function openInRoot(path: string, result: string, options: OpenInRootOptions = {}): Call {
  const flags = options.flags ?? (O.O_PATH | O.O_CLOEXEC | (options.isDirectory ? O.O_DIRECTORY : 0));
  const resolve = RESOLVE.RESOLVE_IN_ROOT | (options.refuseLinks ? RESOLVE.RESOLVE_NO_SYMLINKS : 0);
  const how = { struct: "open_how", fields: { flags: BigInt(flags), mode: 0n, resolve: BigInt(resolve) } };
  return call("openat2", [options.at ?? ROOT, relative(path), how, 24], { result });
}

export interface OpenInRootOptions {
  readonly at?: Argument;
  readonly isDirectory?: boolean;
  /** In place of those that only name it. */
  readonly flags?: number;
  /** For places of the runtime's own: an image must not bend /proc or /dev elsewhere (CVE-2019-19921). */
  readonly refuseLinks?: boolean;
}

/** `/a/b` as a path below a directory's descriptor. */
export function relative(path: string): string {
  return path.replace(/^\/+/, "") || ".";
}

/** Mounts what `tree` refers to on the place that `target` refers to: two descriptors, no path to be bent. */
export function attach(tree: Argument, target: Argument): Call {
  const flags = MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT.MOVE_MOUNT_T_EMPTY_PATH;
  return call("move_mount", [tree, "", target, "", flags]);
}

/** Takes a copy of a mount and what lies below it, attached nowhere yet. */
export function openTree(
  path: string,
  result: string,
  options: { isRecursive?: boolean; at?: Argument } = {},
): Call {
  const recursive = options.isRecursive === false ? 0 : AT.AT_RECURSIVE;
  const empty = path === "" ? AT.AT_EMPTY_PATH : 0;
  const flags = OPEN_TREE.OPEN_TREE_CLONE | OPEN_TREE.OPEN_TREE_CLOEXEC | recursive | empty;
  return call("open_tree", [options.at ?? AT_FDCWD, path, flags], { result });
}

/** Sets attributes on a mount that a descriptor refers to; recursive where asked. */
export function setAttributes(
  tree: Argument,
  set: { attributes?: number; propagation?: number; userNamespace?: number },
  isRecursive: boolean,
): Call {
  const fields = {
    attr_set: BigInt(set.attributes ?? 0),
    attr_clr: 0n,
    propagation: BigInt(set.propagation ?? 0),
    userns_fd: BigInt(set.userNamespace ?? 0),
  };
  const flags = AT.AT_EMPTY_PATH | (isRecursive ? AT.AT_RECURSIVE : 0);
  return call("mount_setattr", [tree, "", flags, { struct: "mount_attr", fields }, 32]);
}

/**
 * Calls that make sure of a directory (or an empty file) at `path` in the root, one level after the other; the last
 * call opens it as `result`. Each level is looked up as the root sees it, so that no link leads out of it.
 */
export function makePlace(
  builder: PlanBuilder,
  path: string,
  result: string,
  options: { kind: "file" | "directory"; refuseLinks?: boolean },
): Call[] {
  const names = relative(path).split("/");
  const calls: Call[] = [];
  let parent: Argument = ROOT;
  names.forEach((name, index) => {
    const isLast = index === names.length - 1;
    const isFile = isLast && options.kind === "file";
    calls.push(
      isFile
        ? call("mknodat", [parent, name, S_IF.S_IFREG | 0o644, 0], { failure: "ignore" })
        : call("mkdirat", [parent, name, 0o755], { failure: "ignore" }),
    );
    const opened = isLast ? result : builder.name("place");
    const upTo = names.slice(0, index + 1).join("/");
    calls.push(openInRoot(upTo, opened, { isDirectory: !isFile, refuseLinks: options.refuseLinks ?? false }));
    parent = slot(opened);
  });
  return calls;
}
