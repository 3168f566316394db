/**
 * Constants of inotify(7).
 * Pure. Source: include/uapi/linux/inotify.h, Linux 6.12.
 */

/** Events that are asked for, and told. */
export const IN = {
  IN_MODIFY: 0x2,
  IN_ATTRIB: 0x4,
  IN_CLOSE_WRITE: 0x8,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
} as const;
