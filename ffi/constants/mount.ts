/**
 * Constants of the mount calls, old and new.
 * Pure. Source: include/uapi/linux/mount.h, Linux 6.12.
 */

/** mount(2) flags. */
export const MS = {
  MS_RDONLY: 0x1,
  MS_NOSUID: 0x2,
  MS_NODEV: 0x4,
  MS_NOEXEC: 0x8,
  MS_SYNCHRONOUS: 0x10,
  MS_REMOUNT: 0x20,
  MS_MANDLOCK: 0x40,
  MS_DIRSYNC: 0x80,
  MS_NOSYMFOLLOW: 0x100,
  MS_NOATIME: 0x400,
  MS_NODIRATIME: 0x800,
  MS_BIND: 0x1000,
  MS_MOVE: 0x2000,
  MS_REC: 0x4000,
  MS_SILENT: 0x8000,
  MS_POSIXACL: 0x10000,
  MS_UNBINDABLE: 0x20000,
  MS_PRIVATE: 0x40000,
  MS_SLAVE: 0x80000,
  MS_SHARED: 0x100000,
  MS_RELATIME: 0x200000,
  MS_I_VERSION: 0x800000,
  MS_STRICTATIME: 0x1000000,
  MS_LAZYTIME: 0x2000000,
} as const;

/** umount2(2) flags. Source: include/linux/fs.h. */
export const MNT = {
  MNT_FORCE: 0x1,
  MNT_DETACH: 0x2,
  MNT_EXPIRE: 0x4,
  UMOUNT_NOFOLLOW: 0x8,
} as const;

/** open_tree(2) flags; AT_RECURSIVE and AT_EMPTY_PATH (open.ts) may be added. 5.2. */
export const OPEN_TREE = {
  OPEN_TREE_CLONE: 0x1,
  OPEN_TREE_CLOEXEC: 0x80000,
} as const;

/** move_mount(2) flags. 5.2; MOVE_MOUNT_SET_GROUP 5.15, MOVE_MOUNT_BENEATH 6.5. */
export const MOVE_MOUNT = {
  MOVE_MOUNT_F_SYMLINKS: 0x1,
  MOVE_MOUNT_F_AUTOMOUNTS: 0x2,
  MOVE_MOUNT_F_EMPTY_PATH: 0x4,
  MOVE_MOUNT_T_SYMLINKS: 0x10,
  MOVE_MOUNT_T_AUTOMOUNTS: 0x20,
  MOVE_MOUNT_T_EMPTY_PATH: 0x40,
  MOVE_MOUNT_SET_GROUP: 0x100,
  MOVE_MOUNT_BENEATH: 0x200,
} as const;

/** fsopen(2) flags. 5.2. */
export const FSOPEN = {
  FSOPEN_CLOEXEC: 0x1,
} as const;

/** fsconfig(2) commands: numbers, not bits. 5.2; FSCONFIG_CMD_CREATE_EXCL 6.6. */
export const FSCONFIG = {
  FSCONFIG_SET_FLAG: 0,
  FSCONFIG_SET_STRING: 1,
  FSCONFIG_SET_BINARY: 2,
  FSCONFIG_SET_PATH: 3,
  FSCONFIG_SET_PATH_EMPTY: 4,
  FSCONFIG_SET_FD: 5,
  FSCONFIG_CMD_CREATE: 6,
  FSCONFIG_CMD_RECONFIGURE: 7,
  FSCONFIG_CMD_CREATE_EXCL: 8,
} as const;

/** fsmount(2) flags. 5.2. */
export const FSMOUNT = {
  FSMOUNT_CLOEXEC: 0x1,
} as const;

/** Attributes of a mount, for fsmount(2) and mount_setattr(2). 5.12 for the latter and for
 * MOUNT_ATTR_IDMAP, 5.14 for MOUNT_ATTR_NOSYMFOLLOW. */
export const MOUNT_ATTR = {
  MOUNT_ATTR_RDONLY: 0x1,
  MOUNT_ATTR_NOSUID: 0x2,
  MOUNT_ATTR_NODEV: 0x4,
  MOUNT_ATTR_NOEXEC: 0x8,
  MOUNT_ATTR_RELATIME: 0x0,
  MOUNT_ATTR_NOATIME: 0x10,
  MOUNT_ATTR_STRICTATIME: 0x20,
  MOUNT_ATTR__ATIME: 0x70,
  MOUNT_ATTR_NODIRATIME: 0x80,
  MOUNT_ATTR_IDMAP: 0x100000,
  MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
} as const;

/** f_flags of statfs(2): what a mount has. ST_RELATIME is 0x1000 here and 0x200000 in mount(2).
 * Source: include/linux/statfs.h. */
export const ST = {
  ST_RDONLY: 0x1,
  ST_NOSUID: 0x2,
  ST_NODEV: 0x4,
  ST_NOEXEC: 0x8,
  ST_SYNCHRONOUS: 0x10,
  ST_VALID: 0x20,
  ST_MANDLOCK: 0x40,
  ST_NOATIME: 0x400,
  ST_NODIRATIME: 0x800,
  ST_RELATIME: 0x1000,
  ST_NOSYMFOLLOW: 0x2000,
} as const;
