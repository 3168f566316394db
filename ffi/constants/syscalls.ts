/**
 * Numbers of the system calls that myctr makes, by machine.
 * Pure. Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (aarch64),
 * Linux 6.12. Calls newer than 5.0 have one number everywhere.
 */

/** A machine for which a program can be made. */
export type Arch = "x86_64" | "aarch64";

/** System call numbers. */
export const SYSCALLS = {
  read: { x86_64: 0, aarch64: 63 },
  write: { x86_64: 1, aarch64: 64 },
  close: { x86_64: 3, aarch64: 57 },
  ppoll: { x86_64: 271, aarch64: 73 },
  openat: { x86_64: 257, aarch64: 56 },
  openat2: { x86_64: 437, aarch64: 437 },
  mkdirat: { x86_64: 258, aarch64: 34 },
  mknodat: { x86_64: 259, aarch64: 33 },
  symlinkat: { x86_64: 266, aarch64: 36 },
  unlinkat: { x86_64: 263, aarch64: 35 },
  fchmod: { x86_64: 91, aarch64: 52 },
  fchmodat: { x86_64: 268, aarch64: 53 },
  fchown: { x86_64: 93, aarch64: 55 },
  fchownat: { x86_64: 260, aarch64: 54 },
  faccessat: { x86_64: 269, aarch64: 48 },
  fchdir: { x86_64: 81, aarch64: 50 },
  chdir: { x86_64: 80, aarch64: 49 },
  dup3: { x86_64: 292, aarch64: 24 },
  pipe2: { x86_64: 293, aarch64: 59 },
  fcntl: { x86_64: 72, aarch64: 25 },
  flock: { x86_64: 73, aarch64: 32 },
  clone: { x86_64: 56, aarch64: 220 },
  clone3: { x86_64: 435, aarch64: 435 },
  wait4: { x86_64: 61, aarch64: 260 },
  waitid: { x86_64: 247, aarch64: 95 },
  futex: { x86_64: 202, aarch64: 98 },
  exit: { x86_64: 60, aarch64: 93 },
  exit_group: { x86_64: 231, aarch64: 94 },
  execve: { x86_64: 59, aarch64: 221 },
  execveat: { x86_64: 322, aarch64: 281 },
  kill: { x86_64: 62, aarch64: 129 },
  getpid: { x86_64: 39, aarch64: 172 },
  getppid: { x86_64: 110, aarch64: 173 },
  setsid: { x86_64: 112, aarch64: 157 },
  setgroups: { x86_64: 116, aarch64: 159 },
  setresgid: { x86_64: 119, aarch64: 149 },
  setresuid: { x86_64: 117, aarch64: 147 },
  prctl: { x86_64: 157, aarch64: 167 },
  prlimit64: { x86_64: 302, aarch64: 261 },
  capset: { x86_64: 126, aarch64: 91 },
  seccomp: { x86_64: 317, aarch64: 277 },
  mount: { x86_64: 165, aarch64: 40 },
  umount2: { x86_64: 166, aarch64: 39 },
  pivot_root: { x86_64: 155, aarch64: 41 },
  open_tree: { x86_64: 428, aarch64: 428 },
  move_mount: { x86_64: 429, aarch64: 429 },
  fsopen: { x86_64: 430, aarch64: 430 },
  fsconfig: { x86_64: 431, aarch64: 431 },
  fsmount: { x86_64: 432, aarch64: 432 },
  mount_setattr: { x86_64: 442, aarch64: 442 },
  sethostname: { x86_64: 170, aarch64: 161 },
  setdomainname: { x86_64: 171, aarch64: 162 },
  socket: { x86_64: 41, aarch64: 198 },
  socketpair: { x86_64: 53, aarch64: 199 },
  sendto: { x86_64: 44, aarch64: 206 },
  recvfrom: { x86_64: 45, aarch64: 207 },
  sendmsg: { x86_64: 46, aarch64: 211 },
  recvmsg: { x86_64: 47, aarch64: 212 },
  keyctl: { x86_64: 250, aarch64: 219 },
  umask: { x86_64: 95, aarch64: 166 },
  close_range: { x86_64: 436, aarch64: 436 },
  unshare: { x86_64: 272, aarch64: 97 },
  setns: { x86_64: 308, aarch64: 268 },
  pidfd_open: { x86_64: 434, aarch64: 434 },
  pidfd_send_signal: { x86_64: 424, aarch64: 424 },
  rt_sigaction: { x86_64: 13, aarch64: 134 },
  rt_sigprocmask: { x86_64: 14, aarch64: 135 },
  signalfd4: { x86_64: 289, aarch64: 74 },
  clock_gettime: { x86_64: 228, aarch64: 113 },
  nanosleep: { x86_64: 35, aarch64: 101 },
  writev: { x86_64: 20, aarch64: 66 },
  splice: { x86_64: 275, aarch64: 76 },
  tee: { x86_64: 276, aarch64: 77 },
  lseek: { x86_64: 8, aarch64: 62 },
  ftruncate: { x86_64: 77, aarch64: 46 },
  ioctl: { x86_64: 16, aarch64: 29 },
  mmap: { x86_64: 9, aarch64: 222 },
  mprotect: { x86_64: 10, aarch64: 226 },
  munmap: { x86_64: 11, aarch64: 215 },
  pwrite64: { x86_64: 18, aarch64: 68 },
  memfd_create: { x86_64: 319, aarch64: 279 },
  statx: { x86_64: 332, aarch64: 291 },
  getrandom: { x86_64: 318, aarch64: 278 },
  fstatfs: { x86_64: 138, aarch64: 44 },
  fstat: { x86_64: 5, aarch64: 80 },
  readlinkat: { x86_64: 267, aarch64: 78 },
  getdents64: { x86_64: 217, aarch64: 61 },
  renameat2: { x86_64: 316, aarch64: 276 },
  linkat: { x86_64: 265, aarch64: 37 },
  fsync: { x86_64: 74, aarch64: 82 },
  newfstatat: { x86_64: 262, aarch64: 79 },
  getxattr: { x86_64: 191, aarch64: 8 },
} as const satisfies Readonly<Record<string, Readonly<Record<Arch, number>>>>;

export type SyscallName = keyof typeof SYSCALLS;

let names: ReadonlyMap<string, SyscallName> | undefined;

/** Gives the name of a system call number, or `syscall_999` as strace does for an unknown one. */
export function syscallName(number: number, arch: Arch): string {
  names ??= new Map(
    (Object.keys(SYSCALLS) as SyscallName[]).flatMap((name) => [
      [`x86_64 ${SYSCALLS[name].x86_64}`, name],
      [`aarch64 ${SYSCALLS[name].aarch64}`, name],
    ]),
  );
  return names.get(`${arch} ${number}`) ?? `syscall_${number}`;
}
