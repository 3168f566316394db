/** The container's first steps: safe start, ids, host paths, and the root directory put together. Pure. */

import { shellWord } from "./shell_word.ts";
import { FSCONFIG, FSMOUNT, FSOPEN, MOUNT_ATTR, MOVE_MOUNT, MS } from "../../ffi/constants/mount.ts";
import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { POLL, PR, SIG } from "../../ffi/constants/process.ts";
import { ANNOTATION, type RootKind } from "../spec/types.ts";
import { FD, USER_NAMESPACE } from "./descriptors.ts";
import { addHostImage } from "./host_image_steps.ts";
import { canSetGroups, isRootTheCaller } from "./id_maps.ts";
import { NO_TIME, pollOne } from "./structures.ts";
import { type Argument, type Call, call, slot } from "./operation.ts";
import { showNetwork } from "./network_steps.ts";
import { makePlace, openTree, type PlanBuilder } from "./plan_builder.ts";
import { ownSources, treeOf } from "./sources.ts";

/** Where the container puts its root together: any directory will do, its old content is not touched. */
export const STAGE = "/tmp";

/** Asks for a signal at the monitor's end, and ends quietly where that has come already. */
export function followMonitor(): Call[] {
  return [
    call("prctl", [PR.PR_SET_PDEATHSIG, SIG.SIGKILL]),
    call("ppoll", [pollOne(slot("monitor"), POLL.POLLIN), 1, NO_TIME, null, 8], { ends: "unless-zero" }),
  ];
}

/** Gives the calls that make a filesystem that is attached nowhere yet; `result` names its mount. */
export function newFilesystem(builder: PlanBuilder, type: string, options: FilesystemOptions): Call[] {
  const context = builder.name("fs");
  const set = (key: string, value: string) =>
    call("fsconfig", [slot(context), FSCONFIG.FSCONFIG_SET_STRING, key, value, 0]);
  return [
    call("fsopen", [type, FSOPEN.FSOPEN_CLOEXEC], { result: context }),
    ...(options.source === undefined ? [] : [set("source", options.source)]),
    ...(options.data ?? []).map(([key, value]) => set(key, value)),
    ...(options.flags ?? []).map((flag) =>
      call("fsconfig", [slot(context), FSCONFIG.FSCONFIG_SET_FLAG, flag, null, 0])
    ),
    call("fsconfig", [slot(context), FSCONFIG.FSCONFIG_CMD_CREATE, null, null, 0]),
    call("fsmount", [slot(context), FSMOUNT.FSMOUNT_CLOEXEC, options.attributes ?? 0], {
      result: options.result,
    }),
  ];
}

export interface FilesystemOptions {
  readonly result: string;
  readonly source?: string;
  readonly data?: readonly (readonly [string, string])[];
  readonly flags?: readonly string[];
  readonly attributes?: number;
}

/** From the container's first instruction to a complete, empty-handed root directory. */
export function addRoot(builder: PlanBuilder): void {
  addAwakening(builder);
  showNetwork(builder);
  addSession(builder);
  // Still with the caller's own rights over files: with --uidmap, root inside may be somebody else.
  addSources(builder);
  addIds(builder);
  addStage(builder);
}

/** The first steps of a new process: tied to its monitor, and still until myctr has written its id maps. */
export function addAwakening(builder: PlanBuilder): void {
  builder.as("container");
  builder.add({
    label: "follow the monitor",
    shell: "setpriv --pdeathsig KILL",
    reason: "The container ends when the process that watches it ends.",
    man: "prctl(2)",
  }, followMonitor());
  builder.add({
    label: "wait for myctr",
    shell: "read <go",
    reason: "myctr writes down first which ids inside mean which ids outside.",
    man: "read(2)",
  }, [call("read", [FD.go, { out: "go.byte", size: 1 }, 1], { ends: "on-zero" })]);
}

/** Root of the new user namespace, where there is one. */
export function addIds(builder: PlanBuilder): void {
  const { idMap } = builder.host;
  if (idMap.kind === "host") return;
  builder.add({
    label: "become root inside",
    shell: "setpriv --reuid 0 --regid 0 --clear-groups",
    reason: "Root inside can prepare what follows, and is nobody special outside.",
    man: "setresuid(2)",
  }, [
    ...(canSetGroups(idMap) ? [call("setgroups", [0, null])] : []),
    call("setresgid", [0, 0, 0]),
    call("setresuid", [0, 0, 0]),
    ...(isRootTheCaller(idMap) ? [] : addressable(builder)),
  ]);
}

/** A change of ids clears the signal, and closes the process to the user who started it: prctl(2). */
function addressable(builder: PlanBuilder): Call[] {
  // myctr looks at the container's root through /proc/PID; as root it may anyway.
  const isHidden = builder.isExec || builder.isJoined || builder.host.idMap.kind !== "caller";
  const opened = isHidden ? [] : [call("prctl", [PR.PR_SET_DUMPABLE, 1])];
  return [...opened, ...followMonitor()];
}

function addSession(builder: PlanBuilder): void {
  builder.add({
    label: "start a session in the container",
    shell: "setsid",
    reason: "The container's process leads a session of its own, apart from your terminal.",
    man: "setsid(2)",
  }, [call("setsid", []), call("umask", [0])]);
  const isSlave = builder.spec.linux.rootfsPropagation !== "private";
  builder.add({
    label: "keep mounts private",
    shell: `mount --make-${isSlave ? "rslave" : "rprivate"} /`,
    reason: "Mounts made from here on stay in the container.",
    man: "mount_namespaces(7)",
  }, [call("mount", [null, "/", null, MS.MS_REC | (isSlave ? MS.MS_SLAVE : MS.MS_PRIVATE), null])]);
}

function addSources(builder: PlanBuilder): void {
  // The monitor has opened and shifted them before the clone.
  if (builder.isIdmapped && builder.isJoined) return;
  if (builder.isIdmapped) {
    builder.add({
      label: "show the user namespace",
      shell: "exec 90</proc/self/ns/user",
      reason: "Root outside needs it, to shift the ids of the files that come in.",
      man: "user_namespaces(7)",
    }, [
      call("openat", [AT_FDCWD, "/proc/self/ns/user", O.O_RDONLY | O.O_CLOEXEC, 0], { result: "userns" }),
      call("dup3", [slot("userns"), USER_NAMESPACE, O.O_CLOEXEC]),
      call("write", [slot("line.container"), { out: "line.byte", size: 1, shows: '"\\0"' }, 1]),
      call("read", [slot("line.container"), { out: "line.byte", size: 1 }, 1], { ends: "on-zero" }),
    ]);
    return;
  }
  for (const { name, path, isRecursive } of ownSources(builder)) {
    builder.add({
      label: `open ${path}`,
      shell: `mount --${isRecursive ? "r" : ""}bind ${shellWord(path)} /mnt`,
      reason: "A second view of these files, to be attached in the container.",
      man: "open_tree(2)",
    }, [openTree(path, name, { isRecursive })]);
  }
}

function addStage(builder: PlanBuilder): void {
  const kind = builder.spec.annotations[ANNOTATION.root] as RootKind;
  const stage = kind === "host" ? "root" : "stage";
  builder.add({
    label: kind === "host" ? "make the root directory" : "make a place to build the root",
    shell: `mount -t tmpfs -o mode=755 tmpfs ${STAGE}`,
    reason: "An empty file system in memory, seen by the container alone.",
    man: "tmpfs(5)",
  }, [
    ...newFilesystem(builder, "tmpfs", {
      result: stage,
      source: "tmpfs",
      data: [["mode", "0755"]],
      attributes: MOUNT_ATTR.MOUNT_ATTR_NODEV | (kind === "host" ? MOUNT_ATTR.MOUNT_ATTR_NOSUID : 0),
    }),
    call("move_mount", [slot(stage), "", AT_FDCWD, STAGE, MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH]),
    call("fchdir", [slot(stage)]),
  ]);
  if (kind === "host") return addHostImage(builder);
  if (kind === "directory") return addDirectoryRoot(builder);
  addOverlayRoot(builder, kind);
}

/** Makes a directory on the stage and attaches a mount there. */
function attachOnStage(tree: Argument, name: string): Call[] {
  return [
    call("mkdirat", [slot("stage"), name, 0o755]),
    call("move_mount", [tree, "", slot("stage"), name, MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH]),
  ];
}

function addDirectoryRoot(builder: PlanBuilder): void {
  const tree = treeOf(builder, "root");
  builder.add({
    label: "attach the root directory",
    shell: `mount --rbind ${shellWord(builder.spec.root.path)} root`,
    reason: "Only a mount can become the root directory of a container.",
    man: "move_mount(2)",
  }, [
    ...attachOnStage(tree, "root"),
    call("openat", [slot("stage"), "root", O.O_PATH | O.O_DIRECTORY | O.O_CLOEXEC, 0], { result: "root" }),
  ]);
}

function addOverlayRoot(builder: PlanBuilder, kind: RootKind): void {
  const isInMemory = kind === "overlay-tmpfs";
  const prefix = isInMemory ? "" : "layers/";
  const layers = builder.annotation("layers")?.split(":");
  const lower = layers?.map((name) => `lower/${name}`).join(":") ?? "lower";
  const options = [["lowerdir", lower], ["upperdir", `${prefix}upper`], [
    "workdir",
    `${prefix}work`,
  ]] as const;
  builder.add({
    label: "lay out the overlay",
    shell: "mkdir lower upper work root",
    reason: "What is written goes to the upper directory; the lower one stays as it is.",
    man: "mkdir(2)",
  }, [
    ...attachOnStage(treeOf(builder, "lower"), "lower"),
    ...(isInMemory
      ? ["upper", "work"].map((name) => call("mkdirat", [slot("stage"), name, 0o755]))
      : attachOnStage(treeOf(builder, "layers"), "layers")),
    call("mkdirat", [slot("stage"), "root", 0o755]),
  ]);
  builder.add({
    label: "mount the overlay",
    shell: `mount -t overlay -o ${options.map((pair) => pair.join("=")).join(",")} overlay root`,
    reason: layers === undefined
      ? "Two directories shown as one: writes never reach the lower one."
      : "The layers of the image shown as one directory: writes never reach them.",
    man: "mount(8)",
  }, layers === undefined ? overlayOf(builder, options) : layeredOverlay(options));
  const { cwd } = builder.spec.process;
  if (builder.annotation("makesWorkdir") !== "true" || cwd === "/") return;
  builder.add({
    label: `make the working directory ${cwd}`,
    shell: `mkdir -p root${shellWord(cwd)}`,
    reason: "The image names it, and need not have it.",
    man: "mkdir(2)",
  }, makePlace(builder, cwd, "image.workdir", { kind: "directory" }));
}

type OverlayOptions = readonly (readonly [key: string, value: string])[];

function overlayOf(builder: PlanBuilder, data: OverlayOptions): Call[] {
  return [
    ...newFilesystem(builder, "overlay", { result: "root", source: "overlay", data, flags: ["userxattr"] }),
    call("move_mount", [slot("root"), "", slot("stage"), "root", MOVE_MOUNT.MOVE_MOUNT_F_EMPTY_PATH]),
  ];
}

/** fsconfig(2) takes 255 bytes for one option, which is 10 layers; the data of mount(2) is a page. */
function layeredOverlay(data: OverlayOptions): Call[] {
  const words = [...data.map((pair) => pair.join("=")), "userxattr"].join(",");
  return [
    call("mount", ["overlay", "root", "overlay", 0, words]),
    call("openat", [slot("stage"), "root", O.O_PATH | O.O_DIRECTORY | O.O_CLOEXEC, 0], { result: "root" }),
  ];
}
