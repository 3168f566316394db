/** What to do when an operation fails: rows of operation, errno and advice; the first that fits wins. Pure. */

import type { SyscallName } from "../../ffi/constants/syscalls.ts";
import type { HostFacts } from "../host/host_facts.ts";

/** One row. */
export interface HintRule {
  readonly call: SyscallName;
  readonly errno: string;
  /** Words of the operation's label that must occur. */
  readonly label?: RegExp;
  readonly when?: (host: HostFacts) => boolean;
  readonly hint: string;
}

/** The steps of --sysctl. */
const SYSCTL = /^set (net|kernel|fs)\./;

/** All rows; of those that fit the first counts. */
export const HINTS: readonly HintRule[] = [
  {
    call: "seccomp",
    errno: "EACCES",
    hint:
      "Without privileges a filter needs --security-opt no-new-privileges; or go without: seccomp=unconfined",
  },
  {
    call: "seccomp",
    errno: "EINVAL",
    hint: "This kernel may have no seccomp filters: --security-opt seccomp=unconfined goes without",
  },
  {
    call: "clone3",
    errno: "ENOSPC",
    label: /namespaces/,
    hint: "User namespaces are used up or forbidden here: raise /proc/sys/user/max_user_namespaces",
  },
  {
    call: "clone3",
    errno: "EPERM",
    label: /namespaces/,
    // Where AppArmor lets a user namespace be made and forbids all in it, as Ubuntu's does, the others give EPERM.
    hint:
      "User namespaces are forbidden for ordinary users here: see kernel.unprivileged_userns_clone, or AppArmor",
  },
  {
    call: "clone3",
    errno: "EACCES",
    label: /namespaces/,
    hint: "A security module forbids user namespaces for myctr",
  },
  {
    call: "recvfrom",
    errno: "EAGAIN",
    label: /user namespace/,
    hint: "The container's process was killed: look for the kernel's out-of-memory killer in dmesg",
  },
  { call: "clone3", errno: "EAGAIN", hint: "Too many processes: look at ulimit -u" },
  {
    call: "fsmount",
    errno: "EPERM",
    label: /mount \/proc/,
    hint: "Part of /proc is covered here, as inside another container: give the outer one --privileged",
  },
  {
    call: "fsmount",
    errno: "EPERM",
    label: /mount \/sys/,
    hint: "Part of /sys is covered here, as inside another container",
  },
  {
    call: "fsconfig",
    errno: "EPERM",
    label: /overlay/,
    hint: "Overlays for ordinary users need Linux 5.11: leave out :O, or run myctr as root",
  },
  {
    call: "fsconfig",
    errno: "EINVAL",
    label: /overlay/,
    hint:
      "The upper directory may not lie on an overlay or network file system: choose another --root, or --rootfs-tmpfs",
  },
  {
    call: "mount_setattr",
    errno: "ENOSYS",
    hint: "This kernel is too old: myctr needs Linux 5.13, and as root 5.19",
  },
  {
    call: "mount_setattr",
    errno: "EINVAL",
    label: /shift the ids/,
    hint: "A file system there, or mounted below it, can't shift ids: add :bind to -v, or use --userns=host",
  },
  {
    call: "mount_setattr",
    errno: "EPERM",
    label: /shift the ids/,
    hint: "Use --userns=host: ids can't be shifted here",
  },
  {
    call: "openat2",
    errno: "ENOENT",
    label: SYSCTL,
    hint: "This kernel has no such setting: look below /proc/sys",
  },
  {
    call: "openat2",
    errno: "EACCES",
    label: SYSCTL,
    hint: "The kernel keeps this setting for root of the machine: use --userns=host as root",
  },
  { call: "write", errno: "EINVAL", label: SYSCTL, hint: "The kernel refuses the value: see proc_sys(5)" },
  {
    call: "mknodat",
    errno: "EPERM",
    label: /^give the device/,
    hint: "Devices can't be made here: as inside another container, leave out --userns=host",
  },
  {
    call: "openat2",
    errno: "ELOOP",
    hint: "The root has a symbolic link there, where the container needs a directory of its own",
  },
  { call: "openat2", errno: "ENOTDIR", hint: "The root has a file there, where a directory is needed" },
  {
    call: "openat2",
    errno: "ENOENT",
    hint: "The root is read-only there or belongs to nobody in the map, or a link in it leads nowhere",
  },
  {
    call: "move_mount",
    errno: "ENOTDIR",
    hint: "A directory can be mounted on a directory only, a file on a file",
  },
  { call: "open_tree", errno: "ENOENT", hint: "Check the path on the host" },
  { call: "open_tree", errno: "EINVAL", hint: "Something is mounted below this path: leave out :bind" },
  { call: "open_tree", errno: "EACCES", hint: "You may not read this path on the host" },
  { call: "move_mount", errno: "ENOSPC", hint: "Raise /proc/sys/fs/mount-max: the disk is not full" },
  {
    call: "chdir",
    errno: "ENOENT",
    hint: "Make the directory in the root first, or choose another --workdir",
  },
  {
    call: "chdir",
    errno: "EACCES",
    hint: "The user of the container may not enter it: choose another --workdir or --user",
  },
  { call: "chdir", errno: "ENOTDIR", hint: "The path leads to a file: choose another --workdir" },
  {
    call: "write",
    errno: "ENOENT",
    label: /AppArmor/,
    hint: "The kernel does not know this profile: load it with apparmor_parser, or see aa-status",
  },
  { call: "setresuid", errno: "EINVAL", hint: "The id is outside the range in /etc/subuid" },
  { call: "setresgid", errno: "EINVAL", hint: "The id is outside the range in /etc/subgid" },
  {
    call: "pivot_root",
    errno: "EINVAL",
    hint: "The host's root is an initramfs: boot from a file system to use containers",
  },
];

/** Finds the advice for a failed call. */
export function maybeHint(
  failed: { call: SyscallName; errno: string; label: string },
  host: HostFacts,
): string | undefined {
  return HINTS.find((rule) =>
    rule.call === failed.call && rule.errno === failed.errno && (rule.label?.test(failed.label) ?? true) &&
    (rule.when?.(host) ?? true)
  )?.hint;
}
