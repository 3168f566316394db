/**
 * Constants of files and descriptors.
 * Pure. Source: include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h, openat2.h, stat.h,
 * memfd.h, close_range.h, Linux 6.12.
 */

import { renderFlags } from "./render.ts";
import type { Arch } from "./syscalls.ts";

/** open(2) flags on x86_64 and wherever the generic header is used; see {@linkcode openFlags}. */
export const O = {
  O_RDONLY: 0o0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_DSYNC: 0o10000,
  O_SYNC: 0o4010000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
  O_TMPFILE: 0o20200000,
} as const;

export type OpenFlagTable = { readonly [name in keyof typeof O]: number };

/** The rows that aarch64 has otherwise. Source: arch/arm64/include/uapi/asm/fcntl.h. */
const O_AARCH64: OpenFlagTable = {
  ...O,
  O_DIRECTORY: 0o40000,
  O_NOFOLLOW: 0o100000,
  O_DIRECT: 0o200000,
  O_LARGEFILE: 0o400000,
  O_TMPFILE: 0o20040000,
};

/** Gives the open(2) flags of a machine: O_DIRECTORY, O_NOFOLLOW, O_DIRECT, O_LARGEFILE differ. */
export function openFlags(arch: Arch): OpenFlagTable {
  return arch === "aarch64" ? O_AARCH64 : O;
}

/** Renders open(2) flags with their access mode first, as strace does: `O_RDONLY|O_CLOEXEC`. */
export function renderOpenFlags(flags: number, arch: Arch = "x86_64"): string {
  const { O_RDONLY: _, O_WRONLY, O_RDWR, ...bits } = openFlags(arch);
  if ((flags & (O_WRONLY | O_RDWR)) !== 0) return renderFlags({ O_WRONLY, O_RDWR, ...bits }, flags);
  return flags === 0 ? "O_RDONLY" : `O_RDONLY|${renderFlags(bits, flags)}`;
}

/** The directory descriptor that means the working directory, in the *at(2) calls. */
export const AT_FDCWD = -100;

/** Flags of the *at(2) calls. 0x200 is AT_EACCESS for faccessat(2). */
export const AT = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_NO_AUTOMOUNT: 0x800,
  AT_EMPTY_PATH: 0x1000,
  AT_RECURSIVE: 0x8000,
} as const;

/** What faccessat(2) asks: whether it is there, or can be written. Source: unistd.h. */
export const OK = { F_OK: 0, W_OK: 2, R_OK: 4 } as const;

/** openat2(2) resolve bits. 5.6; RESOLVE_CACHED 5.12. */
export const RESOLVE = {
  RESOLVE_NO_XDEV: 0x1,
  RESOLVE_NO_MAGICLINKS: 0x2,
  RESOLVE_NO_SYMLINKS: 0x4,
  RESOLVE_BENEATH: 0x8,
  RESOLVE_IN_ROOT: 0x10,
  RESOLVE_CACHED: 0x20,
} as const;

/** File types in st_mode: numbers under S_IFMT, not bits. */
export const S_IF = {
  S_IFMT: 0o170000,
  S_IFSOCK: 0o140000,
  S_IFLNK: 0o120000,
  S_IFREG: 0o100000,
  S_IFBLK: 0o60000,
  S_IFDIR: 0o40000,
  S_IFCHR: 0o20000,
  S_IFIFO: 0o10000,
} as const;

/** Special permission bits in st_mode. */
export const S_IS = {
  S_ISUID: 0o4000,
  S_ISGID: 0o2000,
  S_ISVTX: 0o1000,
} as const;

/** close_range(2) flags. 5.9; CLOSE_RANGE_CLOEXEC 5.11. */
export const CLOSE_RANGE = {
  CLOSE_RANGE_UNSHARE: 0x2,
  CLOSE_RANGE_CLOEXEC: 0x4,
} as const;

/** memfd_create(2) flags. MFD_NOEXEC_SEAL and MFD_EXEC 6.3, EINVAL before. */
export const MFD = {
  MFD_CLOEXEC: 0x1,
  MFD_ALLOW_SEALING: 0x2,
  MFD_HUGETLB: 0x4,
  MFD_NOEXEC_SEAL: 0x8,
  MFD_EXEC: 0x10,
} as const;

/** fcntl(2) commands: numbers, not bits. */
export const F = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 5,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_OFD_GETLK: 36,
  F_OFD_SETLK: 37,
  F_OFD_SETLKW: 38,
  F_DUPFD_CLOEXEC: 1030,
  F_SETPIPE_SZ: 1031,
  F_GETPIPE_SZ: 1032,
  F_ADD_SEALS: 1033,
  F_GET_SEALS: 1034,
} as const;

/** The only descriptor flag of F_SETFD. */
export const FD_CLOEXEC = 1;

/** Seals of a memfd. F_SEAL_FUTURE_WRITE 5.1, F_SEAL_EXEC 6.3. */
export const F_SEAL = {
  F_SEAL_SEAL: 0x1,
  F_SEAL_SHRINK: 0x2,
  F_SEAL_GROW: 0x4,
  F_SEAL_WRITE: 0x8,
  F_SEAL_FUTURE_WRITE: 0x10,
  F_SEAL_EXEC: 0x20,
} as const;

/** flock(2) operations. */
export const LOCK = {
  LOCK_SH: 1,
  LOCK_EX: 2,
  LOCK_NB: 4,
  LOCK_UN: 8,
} as const;

/** lseek(2) origins: numbers, not bits. */
export const SEEK = {
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
} as const;

/** renameat2(2) flags. 3.15. */
export const RENAME = {
  RENAME_NOREPLACE: 1,
  RENAME_EXCHANGE: 2,
  RENAME_WHITEOUT: 4,
} as const;

/** splice(2) and tee(2) flags. */
export const SPLICE_F = {
  SPLICE_F_MOVE: 1,
  SPLICE_F_NONBLOCK: 2,
  SPLICE_F_MORE: 4,
} as const;
