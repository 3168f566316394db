/**
 * The kernel's structs that myctr writes or reads, alike on x86_64 and aarch64.
 * Pure. Source: the header named at each struct, Linux 6.12; tests/abi/ holds what a compiler says.
 */

import { array, i16, i32, i64, struct, u16, u32, u64, u8 } from "./struct.ts";

/** Argument of clone3(2). Source: include/uapi/linux/sched.h. */
export const cloneArgs = struct("clone_args", {
  flags: u64,
  pidfd: u64,
  child_tid: u64,
  parent_tid: u64,
  exit_signal: u64,
  stack: u64,
  stack_size: u64,
  tls: u64,
  set_tid: u64,
  set_tid_size: u64,
  cgroup: u64,
});

/** Argument of openat2(2). Source: include/uapi/linux/openat2.h. */
export const openHow = struct("open_how", { flags: u64, mode: u64, resolve: u64 });

/** Argument of mount_setattr(2). Source: include/uapi/linux/mount.h. */
export const mountAttr = struct("mount_attr", {
  attr_set: u64,
  attr_clr: u64,
  propagation: u64,
  userns_fd: u64,
});

/** Head of a netlink message. Source: include/uapi/linux/netlink.h, as the next three. */
export const nlmsghdr = struct("nlmsghdr", {
  nlmsg_len: u32,
  nlmsg_type: u16,
  nlmsg_flags: u16,
  nlmsg_seq: u32,
  nlmsg_pid: u32,
});

/** Body of an acknowledgement: a negative errno, then the head of the message it answers. */
export const nlmsgerr = struct("nlmsgerr", { error: i32, msg: nlmsghdr });

/** Head of an attribute. */
export const nlattr = struct("nlattr", { nla_len: u16, nla_type: u16 });

/** Address of a netlink socket. */
export const sockaddrNl = struct("sockaddr_nl", { nl_family: u16, nl_pad: u16, nl_pid: u32, nl_groups: u32 });

/** Body of a link message. Source: include/uapi/linux/rtnetlink.h. */
export const ifinfomsg = struct("ifinfomsg", {
  ifi_family: u8,
  __ifi_pad: u8,
  ifi_type: u16,
  ifi_index: i32,
  ifi_flags: u32,
  ifi_change: u32,
});

/** Body of an address message. Source: include/uapi/linux/if_addr.h. */
export const ifaddrmsg = struct("ifaddrmsg", {
  ifa_family: u8,
  ifa_prefixlen: u8,
  ifa_flags: u8,
  ifa_scope: u8,
  ifa_index: u32,
});

/** Body of a route message. Source: include/uapi/linux/rtnetlink.h. */
export const rtmsg = struct("rtmsg", {
  rtm_family: u8,
  rtm_dst_len: u8,
  rtm_src_len: u8,
  rtm_tos: u8,
  rtm_table: u8,
  rtm_protocol: u8,
  rtm_scope: u8,
  rtm_type: u8,
  rtm_flags: u32,
});

/** A piece of memory. Source: include/uapi/linux/uio.h. */
export const iovec = struct("iovec", { iov_base: u64, iov_len: u64 });

/** Argument of sendmsg(2) and recvmsg(2) as the kernel has it. Source: include/linux/socket.h. */
export const msghdr = struct("msghdr", {
  msg_name: u64,
  msg_namelen: i32,
  msg_iov: u64,
  msg_iovlen: u64,
  msg_control: u64,
  msg_controllen: u64,
  msg_flags: u32,
});

/** Head of ancillary data; its length counts itself. Source: include/linux/socket.h. */
export const cmsghdr = struct("cmsghdr", { cmsg_len: u64, cmsg_level: i32, cmsg_type: i32 });

/** One descriptor of poll(2). Source: include/uapi/asm-generic/poll.h. */
export const pollfd = struct("pollfd", { fd: i32, events: i16, revents: i16 });

/** A time. Source: include/uapi/linux/time_types.h (__kernel_timespec). */
export const timespec = struct("timespec", { tv_sec: i64, tv_nsec: i64 });

/** A time of day somewhere: the C library's, glibc 2.36, as musl's. Source: time.h. */
export const tm = struct("tm", {
  tm_sec: i32,
  tm_min: i32,
  tm_hour: i32,
  tm_mday: i32,
  tm_mon: i32,
  tm_year: i32,
  tm_wday: i32,
  tm_yday: i32,
  tm_isdst: i32,
  tm_gmtoff: i64,
  tm_zone: u64,
});

/** A limit of prlimit(2). Source: include/uapi/linux/resource.h. */
export const rlimit64 = struct("rlimit64", { rlim_cur: u64, rlim_max: u64 });

/**
 * A signal's disposition as rt_sigaction(2) takes it, which is not the C library's struct.
 * Source: include/linux/signal_types.h. aarch64 has the restorer too.
 */
export const sigaction = struct("sigaction", { handler: u64, flags: u64, restorer: u64, mask: u64 });

/** First argument of capset(2). Source: include/uapi/linux/capability.h, as the next. */
export const capUserHeader = struct("__user_cap_header_struct", { version: u32, pid: i32 });

/** One of the two elements of capset(2)'s second argument: low word first. */
export const capUserData = struct("__user_cap_data_struct", {
  effective: u32,
  permitted: u32,
  inheritable: u32,
});

/** Size of a terminal. Source: include/uapi/asm-generic/termios.h. */
export const winsize = struct("winsize", { ws_row: u16, ws_col: u16, ws_xpixel: u16, ws_ypixel: u16 });

/** Settings of a terminal, as ioctl(2) has them; the C library's is longer. Source: include/uapi/asm-generic/termbits.h. */
export const termios = struct("termios", {
  c_iflag: u32,
  c_oflag: u32,
  c_cflag: u32,
  c_lflag: u32,
  c_line: u8,
  c_cc: array(u8, 19),
});

/** The address of a socket on this machine. Source: include/uapi/linux/un.h. */
export const sockaddrUn = struct("sockaddr_un", { sun_family: u16, sun_path: array(u8, 108) });

/** Ports and addresses stand there in network order. Source: include/uapi/linux/in.h, in6.h. */
export const sockaddrIn = struct("sockaddr_in", {
  sin_family: u16,
  sin_port: array(u8, 2),
  sin_addr: array(u8, 4),
  sin_zero: array(u8, 8),
});

export const sockaddrIn6 = struct("sockaddr_in6", {
  sin6_family: u16,
  sin6_port: array(u8, 2),
  sin6_flowinfo: u32,
  sin6_addr: array(u8, 16),
  sin6_scope_id: u32,
});

/** One instruction of a seccomp filter. Source: include/uapi/linux/filter.h, as the next. */
export const sockFilter = struct("sock_filter", { code: u16, jt: u8, jf: u8, k: u32 });

/** A seccomp filter: count of instructions, address of the first. */
export const sockFprog = struct("sock_fprog", { len: u16, filter: u64 });

/** What statfs(2) tells. Source: include/uapi/asm-generic/statfs.h for 64-bit machines. */
export const statfs = struct("statfs", {
  f_type: i64,
  f_bsize: i64,
  f_blocks: u64,
  f_bfree: u64,
  f_bavail: u64,
  f_files: u64,
  f_ffree: u64,
  f_fsid: array(i32, 2),
  f_namelen: i64,
  f_frsize: i64,
  f_flags: i64,
  f_spare: array(i64, 4),
});
