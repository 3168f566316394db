/** Sizes and offsets that a compiler gives: what `probe.c` prints, with gcc 12.2 on x86_64. Pure. */

export interface Pinned {
  readonly size: number;
  readonly offsets: Readonly<Record<string, number>>;
}

export const PINNED: Readonly<Record<string, Pinned>> = {
  clone_args: {
    size: 88,
    offsets: {
      flags: 0,
      pidfd: 8,
      child_tid: 16,
      parent_tid: 24,
      exit_signal: 32,
      stack: 40,
      stack_size: 48,
      tls: 56,
      set_tid: 64,
      set_tid_size: 72,
      cgroup: 80,
    },
  },
  open_how: { size: 24, offsets: { flags: 0, mode: 8, resolve: 16 } },
  mount_attr: { size: 32, offsets: { attr_set: 0, attr_clr: 8, propagation: 16, userns_fd: 24 } },
  nlmsghdr: {
    size: 16,
    offsets: { nlmsg_len: 0, nlmsg_type: 4, nlmsg_flags: 6, nlmsg_seq: 8, nlmsg_pid: 12 },
  },
  nlmsgerr: { size: 20, offsets: { error: 0, msg: 4 } },
  nlattr: { size: 4, offsets: { nla_len: 0, nla_type: 2 } },
  sockaddr_nl: { size: 12, offsets: { nl_family: 0, nl_pad: 2, nl_pid: 4, nl_groups: 8 } },
  ifinfomsg: {
    size: 16,
    offsets: { ifi_family: 0, __ifi_pad: 1, ifi_type: 2, ifi_index: 4, ifi_flags: 8, ifi_change: 12 },
  },
  ifaddrmsg: {
    size: 8,
    offsets: { ifa_family: 0, ifa_prefixlen: 1, ifa_flags: 2, ifa_scope: 3, ifa_index: 4 },
  },
  rtmsg: {
    size: 12,
    offsets: {
      rtm_family: 0,
      rtm_dst_len: 1,
      rtm_src_len: 2,
      rtm_tos: 3,
      rtm_table: 4,
      rtm_protocol: 5,
      rtm_scope: 6,
      rtm_type: 7,
      rtm_flags: 8,
    },
  },
  iovec: { size: 16, offsets: { iov_base: 0, iov_len: 8 } },
  msghdr: {
    size: 56,
    offsets: {
      msg_name: 0,
      msg_namelen: 8,
      msg_iov: 16,
      msg_iovlen: 24,
      msg_control: 32,
      msg_controllen: 40,
      msg_flags: 48,
    },
  },
  cmsghdr: { size: 16, offsets: { cmsg_len: 0, cmsg_level: 8, cmsg_type: 12 } },
  pollfd: { size: 8, offsets: { fd: 0, events: 4, revents: 6 } },
  timespec: { size: 16, offsets: { tv_sec: 0, tv_nsec: 8 } },
  rlimit64: { size: 16, offsets: { rlim_cur: 0, rlim_max: 8 } },
  kernel_sigaction: { size: 32, offsets: { handler: 0, flags: 8, restorer: 16, mask: 24 } },
  __user_cap_header_struct: { size: 8, offsets: { version: 0, pid: 4 } },
  __user_cap_data_struct: { size: 12, offsets: { effective: 0, permitted: 4, inheritable: 8 } },
  winsize: { size: 8, offsets: { ws_row: 0, ws_col: 2, ws_xpixel: 4, ws_ypixel: 6 } },
  sock_filter: { size: 8, offsets: { code: 0, jt: 2, jf: 3, k: 4 } },
  sock_fprog: { size: 16, offsets: { len: 0, filter: 8 } },
  statfs: {
    size: 120,
    offsets: {
      f_type: 0,
      f_bsize: 8,
      f_blocks: 16,
      f_bfree: 24,
      f_bavail: 32,
      f_files: 40,
      f_ffree: 48,
      f_fsid: 56,
      f_namelen: 64,
      f_frsize: 72,
      f_flags: 80,
      f_spare: 88,
    },
  },
  statx: {
    size: 256,
    offsets: {
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
    },
  },
  posix_spawnattr_t: {
    size: 336,
    offsets: { __flags: 0, __pgrp: 4, __sd: 8, __ss: 136, __sp: 264, __policy: 268 },
  },
  posix_spawn_file_actions_t: { size: 80, offsets: {} },
};
