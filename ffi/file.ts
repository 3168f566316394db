/** Opening files by path, also in a root that is not trusted, and what an open file is. */

import { ERRNO } from "./constants/errno.ts";
import { AT, AT_FDCWD, RESOLVE } from "./constants/open.ts";
import { cString } from "./cstring.ts";
import { type Fd, outcomeFd } from "./fd.ts";
import { openHow, statfs as statfsStruct } from "./layout/structs.ts";
import { syscall } from "./syscall.ts";
import { O } from "./machine.ts";
import { type Outcome, outcome, retryInterrupted, success } from "./outcome.ts";

export interface OpenOptions {
  /** Bits of `O` in machine.ts; O_CLOEXEC is added. */
  readonly flags: number;
  /** Permissions of a new file. @default 0 */
  readonly mode?: number;
  /** The directory where a relative path starts. @default AT_FDCWD */
  readonly dirfd?: number;
}

export interface OpenInRootOptions extends OpenOptions {
  /** A descriptor of the directory that is "/" for the path. */
  readonly dirfd: number;
  /** Bits of RESOLVE that are added to RESOLVE_IN_ROOT. @default RESOLVE_NO_MAGICLINKS */
  readonly resolve?: number;
}

/** What an open file is. */
export interface FileStatus {
  /** File type (S_IFMT) and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly ino: bigint;
  readonly size: bigint;
  /** Whether something is mounted there, and this is what. */
  readonly isMountRoot: boolean;
  /** Names that it has. */
  readonly links: number;
  /** Of the last change of its content: seconds since 1970, and nanoseconds. */
  readonly mtime: { readonly seconds: number; readonly nanoseconds: number };
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** The device that a device file stands for. */
  readonly rdevMajor: number;
  readonly rdevMinor: number;
}

/** Opens a file of this machine, following its links. @see open(2) */
export function openPath(path: string, options: OpenOptions): Outcome<Fd> {
  const { flags, mode = 0, dirfd = AT_FDCWD } = options;
  const name = cString(path);
  return retryInterrupted(() => outcomeFd(syscall("openat", dirfd, name, flags | O.O_CLOEXEC, mode)));
}

/** The kernel asks for another try where a rename ran against its walk through "..". */
const RACE_TRIES = 32;

/**
 * Opens a file in a root that is not trusted: links and ".." can not lead out of `dirfd`
 * (CVE-2021-30465 and its like). Needs Linux 5.6: ENOSYS before. @see openat2(2)
 */
export function openInRoot(path: string, options: OpenInRootOptions): Outcome<Fd> {
  const { flags, mode = 0, dirfd, resolve = RESOLVE.RESOLVE_NO_MAGICLINKS } = options;
  const how = openHow.encode({
    flags: BigInt(flags | O.O_CLOEXEC),
    mode: BigInt(mode),
    resolve: BigInt(resolve | RESOLVE.RESOLVE_IN_ROOT),
  });
  const [name, size] = [cString(path), openHow.size];
  for (let tries = 1;; tries++) {
    const opened = retryInterrupted(() => outcomeFd(syscall("openat2", dirfd, name, how, size)));
    if (opened.ok || opened.errno !== ERRNO.EAGAIN || tries === RACE_TRIES) return opened;
  }
}

/** Offsets within struct statx, which all machines share. Source: include/uapi/linux/stat.h. */
const STATX = {
  stx_attributes: 8,
  stx_nlink: 16,
  stx_uid: 20,
  stx_gid: 24,
  stx_mode: 28,
  stx_ino: 32,
  stx_size: 40,
  stx_mtime: 112,
  stx_rdev_major: 128,
  stx_rdev_minor: 132,
  stx_dev_major: 136,
  stx_dev_minor: 140,
  sizeof: 256,
} as const;

/** Source: include/uapi/linux/stat.h. */
const STATX_ATTR_MOUNT_ROOT = 0x2000n;

/** The path of the descriptor itself. */
const EMPTY = cString("");

/** STATX_BASIC_STATS: all that stat(2) gives. */
const STATX_BASIC_STATS = 0x7ff;

/** For small_files.ts; tests/abi compares them with a compiler's. */
export const STATX_OFFSETS: Readonly<typeof STATX> = STATX;

/** Reads what an open file is; an O_PATH descriptor will do. @see statx(2) */
export function readStatus(fd: number): Outcome<FileStatus> {
  return readStatx(fd, EMPTY, AT.AT_EMPTY_PATH);
}

/**
 * Reads what a path leads to on this machine, without the cost of an exception where it leads nowhere, and of the time
 * zone: Deno.stat() makes a Date, and V8 then reads /etc/localtime and all that belongs to it, for a millisecond or two.
 */
export function readPathStatus(path: string): Outcome<FileStatus> {
  return readStatx(AT_FDCWD, cString(path), 0);
}

/** The same of a symbolic link itself. */
export function readLinkStatus(path: string): Outcome<FileStatus> {
  return readStatusAt(AT_FDCWD, cString(path));
}

/** The time of the last change of a file's content, in milliseconds since 1970. */
export function changedMs({ mtime }: FileStatus): number {
  return mtime.seconds * 1000 + mtime.nanoseconds / 1e6;
}

/** Reads what a name in an open directory is: a symbolic link is itself. The name is a C string. */
export function readStatusAt(dirfd: number, name: Uint8Array<ArrayBuffer>): Outcome<FileStatus> {
  return readStatx(dirfd, name, AT.AT_SYMLINK_NOFOLLOW);
}

function readStatx(dirfd: number, path: Uint8Array<ArrayBuffer>, flags: number): Outcome<FileStatus> {
  const bytes = new Uint8Array(STATX.sizeof);
  const made = outcome(syscall("statx", dirfd, path, flags, STATX_BASIC_STATS, bytes));
  if (!made.ok) return made;
  const view = new DataView(bytes.buffer);
  return success({
    mode: view.getUint16(STATX.stx_mode, true),
    uid: view.getUint32(STATX.stx_uid, true),
    gid: view.getUint32(STATX.stx_gid, true),
    ino: view.getBigUint64(STATX.stx_ino, true),
    size: view.getBigUint64(STATX.stx_size, true),
    isMountRoot: (view.getBigUint64(STATX.stx_attributes, true) & STATX_ATTR_MOUNT_ROOT) !== 0n,
    links: view.getUint32(STATX.stx_nlink, true),
    mtime: {
      seconds: Number(view.getBigInt64(STATX.stx_mtime, true)),
      nanoseconds: view.getUint32(STATX.stx_mtime + 8, true),
    },
    deviceMajor: view.getUint32(STATX.stx_dev_major, true),
    deviceMinor: view.getUint32(STATX.stx_dev_minor, true),
    rdevMajor: view.getUint32(STATX.stx_rdev_major, true),
    rdevMinor: view.getUint32(STATX.stx_rdev_minor, true),
  });
}

/** What a file system is. */
export interface FilesystemStatus {
  /** The magic number of statfs(2): 0x794c7630 is overlay, 0x63677270 cgroup2. */
  readonly type: bigint;
  /** Bits of ST in constants/mount.ts. */
  readonly flags: number;
  /** Room that is left for ordinary users. */
  readonly availableBytes: bigint;
}

/** Reads what the file system of an open file is, and the flags of its mount. @see statfs(2) */
export function readFilesystem(fd: number): Outcome<FilesystemStatus> {
  const bytes = new Uint8Array(statfsStruct.size);
  const made = outcome(syscall("fstatfs", fd, bytes));
  if (!made.ok) return made;
  const { f_type, f_flags, f_bavail, f_frsize } = statfsStruct.decode(bytes);
  return success({ type: f_type, flags: Number(f_flags), availableBytes: f_bavail * BigInt(f_frsize) });
}

/** Changes the permissions of an open file; EBADF for an O_PATH descriptor. @see fchmod(2) */
export function changeMode(fd: number, mode: number): Outcome<void> {
  const done = outcome(syscall("fchmod", fd, mode));
  return done.ok ? success(undefined) : done;
}
