/**
 * Calls on the files of a tree, by the directory that holds them: making, removing, owners, times, attributes.
 *
 * Each gives its result, or its errno as a negative number: see outcome(). A layer has tens of thousands of files,
 * so the calls that each of them needs go through trampolines of Deno.dlopen() (libc.ts says what both ways cost).
 * The C library leaves the errno in memory, where it can't be read in time. So a call that failed, which has done
 * nothing, is made once more the other way: that tells why, and should it succeed, all the better.
 *
 * Names are C strings, see cString(). None of the calls follows a link in the last part of a name, except setMode().
 */

import { ERRNO } from "./constants/errno.ts";
import { AT, S_IF } from "./constants/open.ts";
import { cString, decodeBytes } from "./cstring.ts";
import { timespec } from "./layout/structs.ts";
import { O } from "./machine.ts";
import { syscall } from "./syscall.ts";

/** A C string, or memory that begins with one. */
export type Name = Uint8Array<ArrayBuffer>;

const int = "i32";
const uint = "u32";
const size = "usize";
const ssize = "isize";
const cstr = "buffer"; // NUL-terminated bytes
const bytes = "buffer"; // the callee reads here

/** Native types of the functions that are called for each file. Source: the man page of each function. */
export const TREE_SYMBOLS = {
  openat: { parameters: [int, cstr, int, int], result: int },
  write: { parameters: [int, bytes, size], result: ssize },
  fchown: { parameters: [int, uint, uint], result: int },
  fchmod: { parameters: [int, uint], result: int },
  futimens: { parameters: [int, bytes], result: int },
  close: { parameters: [int], result: int },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C prototype of each row, as in libc.ts. */
export const TREE_PROTOTYPES: Readonly<Record<keyof typeof TREE_SYMBOLS, string>> = {
  openat: "int openat(int dirfd, const char *name, int flags, int mode)",
  write: "ssize_t write(int fd, const void *data, size_t count)",
  fchown: "int fchown(int fd, unsigned int uid, unsigned int gid)",
  fchmod: "int fchmod(int fd, unsigned int mode)",
  futimens: "int futimens(int fd, const void *times)",
  close: "int close(int fd)",
};

type Bound = Deno.DynamicLibrary<typeof TREE_SYMBOLS>["symbols"];

let bound: Bound | undefined;

/** The library is never closed: the process uses it to its end. */
function fast(): Bound {
  return bound ??= Deno.dlopen("libc.so.6", TREE_SYMBOLS).symbols;
}

/** Opens or makes a file; flags as of open(2), O_CLOEXEC and O_NOFOLLOW are added. Gives a descriptor. @see openat(2) */
export function openAt(dirfd: number, name: Name, flags: number, mode = 0): number {
  const all = flags | O.O_CLOEXEC | O.O_NOFOLLOW;
  const fd = fast().openat(dirfd, name, all, mode);
  return fd >= 0 ? fd : syscall("openat", dirfd, name, all, mode);
}

/** Writes once, and gives how many bytes were taken. @see write(2) */
export function writeSome(fd: number, data: Uint8Array<ArrayBuffer>): number {
  const count = Number(fast().write(fd, data, BigInt(data.length)));
  return count >= 0 ? count : syscall("write", fd, data, data.length);
}

/** Writes once at an offset, and gives how many bytes were taken. @see pwrite(2) */
export function writeAt(fd: number, data: Uint8Array<ArrayBuffer>, offset: number): number {
  return syscall("pwrite64", fd, data, data.length, offset);
}

/** Gives an open file an owner; clears setuid bits and capabilities of it. @see fchown(2) */
export function setOwner(fd: number, uid: number, gid: number): number {
  return fast().fchown(fd, uid, gid) === 0 ? 0 : syscall("fchown", fd, uid, gid);
}

/** Gives an open file permissions. @see fchmod(2) */
export function setMode(fd: number, mode: number): number {
  return fast().fchmod(fd, mode) === 0 ? 0 : syscall("fchmod", fd, mode);
}

/** Gives an open file times: see encodeTimes(). @see futimens(3) */
export function setTimes(fd: number, times: Uint8Array<ArrayBuffer>): number {
  return fast().futimens(fd, times) === 0 ? 0 : syscall("utimensat", fd, null, times, 0);
}

/** Closes a descriptor. A failure frees it too, so there is nothing to try again. @see close(2) */
export function closeNow(fd: number): void {
  fast().close(fd);
}

/** Sets the length of an open file; what is added is a hole. @see ftruncate(2) */
export function setLength(fd: number, length: number): number {
  return syscall("ftruncate", fd, length);
}

/** Makes a directory. @see mkdirat(2) */
export function makeDirectory(dirfd: number, name: Name, mode: number): number {
  return syscall("mkdirat", dirfd, name, mode);
}

/** What a node that is no file, directory or link may be. */
export type NodeType = "fifo" | "char" | "block";

const NODE_TYPES = { fifo: S_IF.S_IFIFO, char: S_IF.S_IFCHR, block: S_IF.S_IFBLK } as const;

/** Makes a FIFO or a device. @see mknodat(2) */
export function makeNode(dirfd: number, name: Name, type: NodeType, major = 0, minor = 0): number {
  return syscall("mknodat", dirfd, name, NODE_TYPES[type] | 0o600, encodeDevice(major, minor));
}

/** Gives the number of a device as system calls take it. Source: new_encode_dev() of include/linux/kdev_t.h. */
export function encodeDevice(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | (high << 8n) | ((low & ~0xffn) << 12n);
}

/** Makes a symbolic link. @see symlinkat(2) */
export function makeSymlink(target: Name, dirfd: number, name: Name): number {
  return syscall("symlinkat", target, dirfd, name);
}

/** Gives a file another name; a symbolic link is itself what gets one. @see linkat(2) */
export function makeHardLink(fromDirfd: number, from: Name, toDirfd: number, to: Name): number {
  return syscall("linkat", fromDirfd, from, toDirfd, to, 0);
}

/** Removes a name that is no directory, or an empty directory. @see unlinkat(2) */
export function removeName(dirfd: number, name: Name, kind: "file" | "directory"): number {
  return syscall("unlinkat", dirfd, name, kind === "directory" ? AT.AT_REMOVEDIR : 0);
}

/** Gives a name an owner, also that of a symbolic link. @see fchownat(2) */
export function setOwnerOf(dirfd: number, name: Name, uid: number, gid: number): number {
  return syscall("fchownat", dirfd, name, uid, gid, AT.AT_SYMLINK_NOFOLLOW);
}

/** Gives a name permissions. Follows a link: only for what is known to be none. @see fchmodat(2) */
export function setModeOf(dirfd: number, name: Name, mode: number): number {
  return syscall("fchmodat", dirfd, name, mode);
}

/** Gives a name times, also those of a symbolic link: see encodeTimes(). @see utimensat(2) */
export function setTimesOf(dirfd: number, name: Name, times: Uint8Array<ArrayBuffer>): number {
  return syscall("utimensat", dirfd, name, times, AT.AT_SYMLINK_NOFOLLOW);
}

/** Writes the time of both access and change, seconds since 1970 and nanoseconds, into 32 bytes. */
export function encodeTimes(into: Uint8Array<ArrayBuffer>, seconds: number, nanoseconds: number): void {
  const view = new DataView(into.buffer, into.byteOffset, 2 * timespec.size);
  for (const at of [0, timespec.size]) {
    view.setBigInt64(at, BigInt(seconds), true);
    view.setBigInt64(at + 8, BigInt(nanoseconds), true);
  }
}

/** Sets an extended attribute of an open file. @see fsetxattr(2) */
export function setAttribute(fd: number, name: string, value: Uint8Array<ArrayBuffer>): number {
  return syscall("fsetxattr", fd, cString(name), value, value.length, 0);
}

/** Reads an extended attribute of an open file; ENODATA where there is none. Gives its length. @see fgetxattr(2) */
export function readAttribute(fd: number, name: string, into: Uint8Array<ArrayBuffer>): number {
  return syscall("fgetxattr", fd, cString(name), into, into.length);
}

/** The kernel keeps no more of either: XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h. */
const MAX_ATTRIBUTE = 65536;

/** Reads all extended attributes of an open file that the caller may see, by name; or gives an errno, negative. */
export function readAttributes(fd: number): Map<string, Uint8Array<ArrayBuffer>> | number {
  const list = new Uint8Array(MAX_ATTRIBUTE);
  const length = syscall("flistxattr", fd, list, list.length);
  const found = new Map<string, Uint8Array<ArrayBuffer>>();
  if (length === -ERRNO.EOPNOTSUPP || length === 0) return found;
  if (length < 0) return length;
  const value = new Uint8Array(MAX_ATTRIBUTE);
  for (const name of new TextDecoder().decode(list.subarray(0, length - 1)).split("\0")) {
    const size = readAttribute(fd, name, value);
    // Some names are listed, and their values kept from all but root.
    if (size >= 0) found.set(name, value.slice(0, size));
  }
  return found;
}

/** Reads where a symbolic link leads to; or gives an errno, negative. @see readlinkat(2) */
export function readLinkAt(dirfd: number, name: Name): string | number {
  const buffer = new Uint8Array(4096);
  const length = syscall("readlinkat", dirfd, name, buffer, buffer.length);
  return length < 0 ? length : decodeBytes(buffer.subarray(0, length));
}

/** Offsets within struct linux_dirent64, whose name reaches to a NUL. Source: getdents(2). */
const DIRENT = { d_reclen: 16, d_name: 19 } as const;

/** Lists the names in an open directory, as C strings, without "." and ".."; or gives an errno, negative. */
export function listNames(fd: number): Name[] | number {
  const buffer = new Uint8Array(32 * 1024);
  const view = new DataView(buffer.buffer);
  const names: Name[] = [];
  while (true) {
    const length = syscall("getdents64", fd, buffer, buffer.length);
    if (length < 0) return length;
    if (length === 0) return names;
    for (let at = 0; at < length; at += view.getUint16(at + DIRENT.d_reclen, true)) {
      const start = at + DIRENT.d_name;
      const name = buffer.slice(start, buffer.indexOf(0, start) + 1);
      if (!isDots(name)) names.push(name);
    }
  }
}

/** Whether a C string is "." or "..". */
function isDots(name: Name): boolean {
  return name.length <= 3 && name.subarray(0, -1).every((byte) => byte === 0x2e);
}
