/** What holds for paths and descriptors of every plan: an image can bend nothing, and nothing leaks into it. */

import { FSMOUNT, FSOPEN, MOVE_MOUNT, OPEN_TREE } from "../../ffi/constants/mount.ts";
import { MSG, SOCK } from "../../ffi/constants/netlink.ts";
import { AT, AT_FDCWD, O, RESOLVE } from "../../ffi/constants/open.ts";
import { RELAY_LOG, USER_NAMESPACE } from "../../src/plan/descriptors.ts";
import { TIO } from "../../ffi/constants/terminal.ts";
import { SFD } from "../../ffi/constants/process.ts";
import type { Call } from "../../src/plan/operation.ts";
import { STAGE } from "../../src/plan/root_steps.ts";
import type { Rule } from "./order_rules.ts";
import { fieldOf, giverOf, has, isCall, type Process, type ReadPlan, slotOf } from "./plan_reader.ts";

/** Which argument says that a new descriptor is closed at execve, and how; pidfd_open(2) always does so. */
const CLOSED_AT_EXEC: Readonly<Record<string, (call: Call) => boolean>> = {
  openat: ({ args }) => has(args[2], O.O_CLOEXEC),
  openat2: ({ args }) => has(fieldOf(args[2], "flags"), O.O_CLOEXEC),
  open_tree: ({ args }) => has(args[2], OPEN_TREE.OPEN_TREE_CLOEXEC),
  fsopen: ({ args }) => has(args[1], FSOPEN.FSOPEN_CLOEXEC),
  fsmount: ({ args }) => has(args[1], FSMOUNT.FSMOUNT_CLOEXEC),
  socket: ({ args }) => has(args[1], SOCK.SOCK_CLOEXEC),
  socketpair: ({ args }) => has(args[1], SOCK.SOCK_CLOEXEC),
  pipe2: ({ args }) => has(args[1], O.O_CLOEXEC),
  dup3: ({ args }) => has(args[2], O.O_CLOEXEC),
  ioctl: ({ args }) => args[1] !== TIO.TIOCGPTPEER || has(args[2], O.O_CLOEXEC),
  recvmsg: ({ args }) => has(args[2], MSG.MSG_CMSG_CLOEXEC),
  accept4: ({ args }) => has(args[3], SOCK.SOCK_CLOEXEC),
  signalfd4: ({ args }) => has(args[3], SFD.SFD_CLOEXEC),
};

/** Descriptors that are meant to stay open: the streams; those of relay and monitor, which are never handed on. */
function isKept(call: Call, process: Process): boolean {
  const isThread = process.endsWith("relay") || process === "door" || process === "guard";
  const last = process === "container" ? 2 : process === "monitor" ? 0 : isThread ? RELAY_LOG : -1;
  return call.name === "dup3" && Number(call.args[1]) <= last;
}

const isName = (path: unknown): path is string =>
  typeof path === "string" && /^[^/]+$/.test(path) && path !== ".." && path !== ".";
const isBelow = (path: unknown): path is string => typeof path === "string" && path.split("/").every(isName);

/** Whether that name stands for a file system that this plan has just made, so that nobody's links are in it. */
function isFresh(plan: ReadPlan, name: string | undefined): boolean {
  const giver = giverOf(plan.container, name);
  if (giver?.name === "fsmount") return fileSystemOf(plan, giver) === "tmpfs";
  // What is opened at /dev without following links, once a tmpfs is mounted there.
  const isDev = giver !== undefined && isCall(giver, "openat2", undefined, "dev");
  return isDev && has(fieldOf(giver!.args[2], "resolve"), RESOLVE.RESOLVE_NO_SYMLINKS) &&
    plan.from.spec.mounts.some(({ destination, type }) => destination === "/dev" && type === "tmpfs");
}

function fileSystemOf(plan: ReadPlan, fsmount: Call): unknown {
  return giverOf(plan.container, slotOf(fsmount.args[0]))?.args[0];
}

/** Whether a descriptor's place in the root has been found as the root sees it, or is one of ours. */
function isResolved(plan: ReadPlan, name: string | undefined): boolean {
  const giver = giverOf(plan.container, name);
  return giver?.name === "openat2" && has(fieldOf(giver.args[2], "resolve"), RESOLVE.RESOLVE_IN_ROOT);
}

function describe({ name, args }: Call): string {
  return `${name}(${args.map((arg) => typeof arg === "object" ? slotOf(arg!) ?? "…" : arg).join(", ")})`;
}

function isSafeMove(plan: ReadPlan, { args: [, from, target, path, flags] }: Call): boolean {
  if (from !== "") return false;
  if (has(flags, MOVE_MOUNT.MOVE_MOUNT_T_EMPTY_PATH)) return path === "" && isResolved(plan, slotOf(target));
  if (target === AT_FDCWD) return path === STAGE;
  return isFresh(plan, slotOf(target)) && isBelow(path);
}

/** One name in a place that has been resolved, or a path in a file system of our own. */
function isSafePlace(plan: ReadPlan, directory: Call["args"][number] | undefined, path: unknown): boolean {
  const name = slotOf(directory);
  return isFresh(plan, name) ? isBelow(path) : isName(path) && (name === "root" || isResolved(plan, name));
}

/** The host's own absolute path, before its root is left; a path in a mount of the kernel's; or all of what is open. */
function isSafeTree(plan: ReadPlan, { args: [directory, path] }: Call): boolean {
  if (typeof path !== "string") return false;
  if (directory === AT_FDCWD) return path.startsWith("/");
  // What is open already leads nowhere else.
  if (path === ".") return true;
  const top = `/${path.split("/")[0]}`;
  const mounts = plan.from.spec.mounts;
  return isBelow(path) &&
    mounts.some(({ destination, type, source }) =>
      destination === top && (type === "proc" || type === "sysfs" || source === top) ||
      type === "devpts" && `/${path}`.startsWith(`${destination}/`)
    );
}

/** On the stage, which is the working directory then, and of nothing but what lies there. */
function isOverlayOfLayers(call: Call): boolean {
  const data = String(call.args[4]);
  return isCall(call, "mount", "overlay", "root", "overlay", 0) &&
    /^lowerdir=lower\/\w+(:lower\/\w+)*,upperdir=(layers\/)?upper,workdir=(layers\/)?work,userxattr$/.test(data);
}

/** Numbers from the user namespace's on are descriptors that the monitor shares with the container. */
const isShared = (value: unknown): value is number => typeof value === "number" && value >= USER_NAMESPACE;

function sharedIn({ name, args }: Call): readonly number[] {
  if (name === "move_mount" || name === "mount_setattr") return args.slice(0, 1).filter(isShared);
  return [];
}

export const DESCRIPTOR_RULES: readonly Rule[] = [
  {
    name: "a tree that the monitor has numbered is closed under its first number",
    broken: (plan) =>
      plan.of("monitor").filter(({ name }) => name === "open_tree").filter(({ result }) =>
        !plan.of("monitor").some((call) => call.name === "close" && slotOf(call.args[0]) === result)
      ).map(describe),
  },
  {
    name: "every new descriptor is closed at execve, but the streams",
    broken: (plan) =>
      plan.processes.flatMap((process) =>
        plan.of(process).filter((call) =>
          CLOSED_AT_EXEC[call.name]?.(call) === false && !isKept(call, process)
        ).map((call) => `${process}: ${describe(call)}`)
      ),
  },
  {
    name: "whatever gives a descriptor is known to these tests",
    broken: (plan) =>
      plan.steps.map(({ call }) => call).filter(({ result, name }) =>
        result !== undefined && !(name in CLOSED_AT_EXEC) &&
        !["clone", "clone3", "getpid", "lseek", "pidfd_open", "ppoll"].includes(name)
      ).map(describe),
  },
  {
    name: "openat2 never looks outside of the root",
    isOfRoot: true,
    broken: ({ container }) =>
      container.filter(({ name }) => name === "openat2").filter(({ args: [directory, path, how] }) =>
        !has(fieldOf(how, "resolve"), RESOLVE.RESOLVE_IN_ROOT) || slotOf(directory) === undefined ||
        String(path).startsWith("/")
      ).map(describe),
  },
  {
    name: "what the visitor takes is one mount, found without links",
    broken: (plan) =>
      plan.of("visitor").filter(({ name, args }) =>
        name === "openat2" &&
          !has(fieldOf(args[2], "resolve"), RESOLVE.RESOLVE_NO_SYMLINKS | RESOLVE.RESOLVE_IN_ROOT) ||
        name === "open_tree" && (args[1] !== "" || slotOf(args[0]) === undefined || has(args[2], AT.AT_RECURSIVE))
      ).map(describe),
  },
  {
    name: "a mount goes to a resolved descriptor, to a file system of our own, or to the stage",
    broken: (plan) =>
      plan.container.filter(({ name }) => name === "move_mount").filter((call) => !isSafeMove(plan, call))
        .map(describe),
  },
  {
    name: "the stage is mounted once, first of all, and mount(2) is for propagation and an image's layers alone",
    broken({ container }) {
      const moves = container.filter(({ name }) => name === "move_mount");
      const staged = moves.filter(({ args }) => args[2] === AT_FDCWD);
      const others = container.filter((call) =>
        call.name === "mount" && !isCall(call, "mount", null, "/", null) && !isOverlayOfLayers(call)
      );
      return [...(staged.length === 1 && moves[0] === staged[0] ? [] : staged), ...others].map(describe);
    },
  },
  {
    name: "directories, files and links are made by one name in a resolved place",
    broken: (plan) =>
      plan.container.filter(({ name, args }) =>
        name === "symlinkat" && !isSafePlace(plan, args[1], args[2]) ||
        (name === "mkdirat" || name === "mknodat") && !isSafePlace(plan, args[0], args[1])
      ).map(describe),
  },
  {
    name: "a tree is taken from the host by its path, or from /proc and /sys",
    broken: (plan) =>
      plan.container.filter(({ name }) => name === "open_tree").filter((call) => !isSafeTree(plan, call))
        .map(describe),
  },
  {
    name: "the attributes of a mount are set by its descriptor",
    broken: ({ steps }) =>
      steps.map(({ call }) => call).filter(({ name, args }) =>
        name === "mount_setattr" && (args[1] !== "" || slotOf(args[0]) === undefined && !isShared(args[0]))
      ).map(describe),
  },
  {
    name: "a shared descriptor is made by the monitor before it hands over, and used after that only",
    broken(plan) {
      const monitor = plan.of("monitor");
      const joins = monitor.findIndex(({ starts }) => starts === "joiner");
      // Where another container's users are joined, all is opened before: the clone copies the descriptors.
      const unshare = joins < 0 ? monitor.findIndex(({ name }) => name === "unshare") : joins;
      const made = new Set(
        monitor.slice(0, Math.max(0, unshare)).filter(({ name }) => name === "dup3").map(({ args }) =>
          args[1]
        ),
      );
      const waited = plan.container.findIndex((call) =>
        call.name === "read" && slotOf(call.args[0]) === "line.container"
      );
      return plan.container.flatMap((call, index) =>
        sharedIn(call).filter((number) => !made.has(number) || joins < 0 && (waited < 0 || index < waited))
          .map(() => describe(call))
      );
    },
  },
];
