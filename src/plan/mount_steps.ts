/** What is mounted in the root: kernel filesystems, devices, volumes, masks; then the root becomes `/`. Pure. */

import { addDevices, addOtherDevices } from "./device_steps.ts";
import { addSysctls } from "./setting_steps.ts";
import { shellWord } from "./shell_word.ts";
import { MNT, MOUNT_ATTR, MS } from "../../ffi/constants/mount.ts";
import { O, RESOLVE, S_IF } from "../../ffi/constants/open.ts";
import type { PathKind } from "../host/host_facts.ts";
import type { Mount } from "../spec/types.ts";
import { hasId } from "./id_maps.ts";
import { addShowing } from "./join_steps.ts";
import { readMountWords } from "./mount_words.ts";
import { type Call, call, slot } from "./operation.ts";
import {
  attach,
  makePlace,
  openInRoot,
  openTree,
  type PlanBuilder,
  relative,
  ROOT,
  setAttributes,
} from "./plan_builder.ts";
import { newFilesystem } from "./root_steps.ts";
import { addTerminal } from "./terminal_steps.ts";
import { isOfAnother, isOfTheMachine, SHARED_MEMORY, treeOf } from "./sources.ts";

/** Reasons for the filesystems that every container has. */
const REASONS: Readonly<Record<string, string>> = {
  "/proc": "Programs read about processes here; a new one shows only those of the container.",
  "/dev": "Device files live here; the container gets its own few instead of the machine's.",
  "/dev/pts": "Terminals of the container, apart from those of the machine.",
  "/dev/shm": "Memory that processes of the container share with each other.",
  "/dev/mqueue": "Message queues of the container.",
  "/sys": "What the kernel tells about hardware; only a privileged container may change it.",
  "/sys/fs/cgroup": "The container's place in the tree of resource limits.",
};

/** Reasons for parts of the machine that are shown as they are. */
const MACHINE_REASONS: Readonly<Record<string, string>> = {
  "/dev/mqueue": "The machine's own message queues, since you asked to share them.",
  "/dev/shm": "The machine's own shared memory, since you asked to share it.",
  "/proc": "All processes of the machine, since you asked to share them.",
  "/sys": REASONS["/sys"]!,
};

/** Reasons for what is another container's. */
const SHARED_REASONS: Readonly<Record<string, string>> = {
  "/dev/shm": "Memory that the processes of both containers share with each other.",
};

/** Files that the runtime itself puts over whatever the root has there, a link included. */
const ENGINE_FILES = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/** From the bare root to the container's own view of everything. */
export function addMounts(builder: PlanBuilder): void {
  for (const mount of builder.spec.mounts) {
    if (mount.type === "bind") addBind(builder, mount);
    else addFilesystem(builder, mount);
    if (mount.destination === "/dev" && mount.type === "tmpfs") addDevices(builder);
  }
  addOtherDevices(builder);
  addSysctls(builder);
  addReadonlyPaths(builder);
  addMasks(builder);
  addTerminal(builder);
  addEntry(builder);
}

/** Mounts the binds of a configuration, and nothing else. */
export function addBinds(builder: PlanBuilder): void {
  for (const mount of builder.spec.mounts) if (mount.type === "bind") addBind(builder, mount);
}

function addFilesystem(builder: PlanBuilder, mount: Mount): void {
  const { attributes, data } = readMountWords(mount.options);
  const isOwn = mount.destination in REASONS;
  // Group 5 (tty) owns terminals; where the id is not mapped, the kernel refuses it.
  const hasTty = hasId(5, builder.host.idMap, "gids");
  const usable = data.filter(([key]) => !(mount.type === "devpts" && key === "gid" && !hasTty));
  const made = builder.name("mount");
  const place = builder.name("place");
  builder.add({
    label: `mount ${mount.destination}`,
    shell: `mount -t ${mount.type} -o ${shellWord(mount.options.join(",") || "rw")} ${mount.source} ${
      shellWord(relative(mount.destination))
    }`,
    reason: REASONS[mount.destination] ?? "You asked for a file system in memory here.",
    man: "fsopen(2)",
  }, [
    ...newFilesystem(builder, mount.type, { result: made, source: mount.source, data: usable, attributes }),
    ...makePlace(builder, mount.destination, place, { kind: "directory", refuseLinks: isOwn }),
    attach(slot(made), slot(place)),
  ]);
}

function addBind(builder: PlanBuilder, mount: Mount): void {
  const { attributes, propagation, isRecursive } = readMountWords(mount.options);
  const ofTheMachine = isOfTheMachine(mount);
  const ofAnother = isOfAnother(mount);
  const tree = ofTheMachine
    ? slot(`machine ${mount.source}`)
    : ofAnother
    ? slot(SHARED_MEMORY.slot)
    : treeOf(builder, `source ${mount.destination}`);
  const place = builder.name("place");
  const kind = builder.host.kinds[mount.source] ?? "directory";
  // What either container mounts on it is no matter of the other's.
  const spreads = ofAnother ? MS.MS_PRIVATE : propagation;
  const set = setAttributes(tree, { attributes, propagation: spreads }, isRecursive);
  builder.add({
    label: `mount ${mount.destination}`,
    shell: `mount --${isRecursive ? "r" : ""}bind ${shellWord(mount.source)} ${
      shellWord(relative(mount.destination))
    }`,
    reason: ENGINE_FILES.has(mount.destination)
      ? "myctr writes this file for each container: its name, its addresses, where to ask for names."
      : (ofTheMachine ? MACHINE_REASONS : ofAnother ? SHARED_REASONS : REASONS)[mount.destination] ??
        "You asked for these files of the host here.",
    man: "move_mount(2)",
  }, [
    ...(ofTheMachine ? [openTree(mount.source, `machine ${mount.source}`)] : []),
    ...(attributes === 0 && spreads === 0 ? [] : [set]),
    ...(ENGINE_FILES.has(mount.destination)
      ? engineFilePlace(builder, mount.destination, place)
      : makePlace(builder, mount.destination, place, { kind, refuseLinks: ofTheMachine || ofAnother })),
    attach(tree, slot(place)),
  ]);
}

/** Images have links at these names that lead nowhere yet; the mount goes on the link itself. */
function engineFilePlace(builder: PlanBuilder, path: string, result: string): Call[] {
  const parent = builder.name("place");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const how = {
    struct: "open_how",
    fields: {
      flags: BigInt(O.O_PATH | O.O_NOFOLLOW | O.O_CLOEXEC),
      mode: 0n,
      resolve: BigInt(RESOLVE.RESOLVE_IN_ROOT),
    },
  };
  return [
    ...makePlace(builder, path.slice(0, path.lastIndexOf("/")), parent, { kind: "directory" }),
    call("mknodat", [slot(parent), name, S_IF.S_IFREG | 0o644, 0], { failure: "ignore" }),
    call("openat2", [slot(parent), name, how, 24], { result }),
  ];
}

function addReadonlyPaths(builder: PlanBuilder): void {
  const attributes = MOUNT_ATTR.MOUNT_ATTR_RDONLY | MOUNT_ATTR.MOUNT_ATTR_NOSUID |
    MOUNT_ATTR.MOUNT_ATTR_NODEV |
    MOUNT_ATTR.MOUNT_ATTR_NOEXEC;
  for (const path of builder.spec.linux.readonlyPaths) {
    if (!isSeen(builder, path)) continue;
    const tree = builder.name("tree");
    const place = builder.name("place");
    builder.add({
      label: `make ${path} read-only`,
      shell: `mount --rbind -o ro ${relative(path)} ${relative(path)}`,
      reason: "Settings of the kernel here are for all of the machine.",
      man: "mount_setattr(2)",
    }, [
      openTree(relative(path), tree, { at: ROOT }),
      setAttributes(slot(tree), { attributes }, true),
      openInRoot(path, place, { refuseLinks: true }),
      attach(slot(tree), slot(place)),
    ]);
  }
}

function isSeen(builder: PlanBuilder, path: string): boolean {
  const top = `/${relative(path).split("/")[0]}`;
  const isOurs = builder.spec.mounts.some(({ destination, type, source }) =>
    destination === top && (type === "proc" || type === "sysfs" || source === top)
  );
  return isOurs && path in builder.host.kinds;
}

/** What there is to hide at a path: of the kernel's file systems, or of the root where the user named it. */
function kindToHide(builder: PlanBuilder, path: string): PathKind | undefined {
  return isSeen(builder, path) ? builder.host.kinds[path] : builder.host.maskedKinds?.[path];
}

function addMasks(builder: PlanBuilder): void {
  let empty: string | undefined;
  for (const path of builder.spec.linux.maskedPaths) {
    const kind = kindToHide(builder, path);
    if (kind === undefined) continue;
    const place = builder.name("place");
    const cover = builder.name("cover");
    const isFile = kind === "file";
    const isOurs = isSeen(builder, path);
    builder.add({
      label: `hide ${path}`,
      shell: isFile
        ? `mount --bind /dev/null ${relative(path)}`
        : `mount -t tmpfs -o ro,nr_blocks=1,nr_inodes=1 tmpfs ${relative(path)}`,
      reason: isOurs
        ? "What is shown here tells about the whole machine, or harms it."
        : "You asked for this to be hidden.",
      man: isFile ? "open_tree(2)" : "tmpfs(5)",
    }, [
      openInRoot(path, place, { refuseLinks: isOurs, isDirectory: !isFile }),
      ...(isFile
        ? [openTree("/dev/null", cover, { isRecursive: false })]
        : empty === undefined
        ? newFilesystem(builder, "tmpfs", {
          result: cover,
          source: "tmpfs",
          data: [["nr_blocks", "1"], ["nr_inodes", "1"]],
          attributes: MOUNT_ATTR.MOUNT_ATTR_RDONLY | MOUNT_ATTR.MOUNT_ATTR_NOSUID |
            MOUNT_ATTR.MOUNT_ATTR_NODEV |
            MOUNT_ATTR.MOUNT_ATTR_NOEXEC,
        })
        : [openTree(relative(empty), cover, { at: ROOT, isRecursive: false })]),
      attach(slot(cover), slot(place)),
    ]);
    if (!isFile && isOurs) empty ??= path;
  }
}

function addEntry(builder: PlanBuilder): void {
  if (builder.spec.root.readonly) {
    builder.add({
      label: "make the root read-only",
      shell: "mount -o remount,bind,ro .",
      reason: "You asked for a root that nobody in the container can change.",
      man: "mount_setattr(2)",
    }, [setAttributes(ROOT, { attributes: MOUNT_ATTR.MOUNT_ATTR_RDONLY }, false)]);
  }
  builder.add({
    label: "enter the root",
    shell: "cd root; pivot_root . .; umount -l .",
    reason: "The new root becomes /, and the host's files are let go of: no way leads back.",
    man: "pivot_root(2)",
  }, [
    call("fchdir", [ROOT]),
    call("pivot_root", [".", "."]),
    call("umount2", [".", MNT.MNT_DETACH]),
    call("chdir", ["/"]),
  ]);
  addShowing(builder);
}
