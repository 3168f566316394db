/* Prints sizes and offsets of structs: "struct size" and "struct.field offset", one a line. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <poll.h>
#include <spawn.h>
#include <time.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <asm/termios.h>

/* The kernel's own, where the C library has another of that name. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

#define SIZE(s) printf(#s " %zu\n", sizeof(struct s))
#define AT(s, f) printf(#s "." #f " %zu\n", offsetof(struct s, f))

int main(void)
{
	SIZE(clone_args); AT(clone_args, flags); AT(clone_args, pidfd); AT(clone_args, child_tid);
	AT(clone_args, parent_tid); AT(clone_args, exit_signal); AT(clone_args, stack);
	AT(clone_args, stack_size); AT(clone_args, tls); AT(clone_args, set_tid);
	AT(clone_args, set_tid_size); AT(clone_args, cgroup);
	SIZE(open_how); AT(open_how, flags); AT(open_how, mode); AT(open_how, resolve);
	SIZE(mount_attr); AT(mount_attr, attr_set); AT(mount_attr, attr_clr);
	AT(mount_attr, propagation); AT(mount_attr, userns_fd);
	SIZE(nlmsghdr); AT(nlmsghdr, nlmsg_len); AT(nlmsghdr, nlmsg_type); AT(nlmsghdr, nlmsg_flags);
	AT(nlmsghdr, nlmsg_seq); AT(nlmsghdr, nlmsg_pid);
	SIZE(nlmsgerr); AT(nlmsgerr, error); AT(nlmsgerr, msg);
	SIZE(nlattr); AT(nlattr, nla_len); AT(nlattr, nla_type);
	SIZE(sockaddr_nl); AT(sockaddr_nl, nl_family); AT(sockaddr_nl, nl_pad); AT(sockaddr_nl, nl_pid);
	AT(sockaddr_nl, nl_groups);
	SIZE(ifinfomsg); AT(ifinfomsg, ifi_family); AT(ifinfomsg, __ifi_pad); AT(ifinfomsg, ifi_type);
	AT(ifinfomsg, ifi_index); AT(ifinfomsg, ifi_flags); AT(ifinfomsg, ifi_change);
	SIZE(ifaddrmsg); AT(ifaddrmsg, ifa_family); AT(ifaddrmsg, ifa_prefixlen);
	AT(ifaddrmsg, ifa_flags); AT(ifaddrmsg, ifa_scope); AT(ifaddrmsg, ifa_index);
	SIZE(rtmsg); AT(rtmsg, rtm_family); AT(rtmsg, rtm_dst_len); AT(rtmsg, rtm_src_len);
	AT(rtmsg, rtm_tos); AT(rtmsg, rtm_table); AT(rtmsg, rtm_protocol); AT(rtmsg, rtm_scope);
	AT(rtmsg, rtm_type); AT(rtmsg, rtm_flags);
	SIZE(iovec); AT(iovec, iov_base); AT(iovec, iov_len);
	SIZE(msghdr); AT(msghdr, msg_name); AT(msghdr, msg_namelen); AT(msghdr, msg_iov);
	AT(msghdr, msg_iovlen); AT(msghdr, msg_control); AT(msghdr, msg_controllen);
	AT(msghdr, msg_flags);
	SIZE(cmsghdr); AT(cmsghdr, cmsg_len); AT(cmsghdr, cmsg_level); AT(cmsghdr, cmsg_type);
	SIZE(pollfd); AT(pollfd, fd); AT(pollfd, events); AT(pollfd, revents);
	SIZE(timespec); AT(timespec, tv_sec); AT(timespec, tv_nsec);
	SIZE(tm); AT(tm, tm_sec); AT(tm, tm_min); AT(tm, tm_hour); AT(tm, tm_mday); AT(tm, tm_mon);
	AT(tm, tm_year); AT(tm, tm_wday); AT(tm, tm_yday); AT(tm, tm_isdst); AT(tm, tm_gmtoff);
	AT(tm, tm_zone);
	SIZE(rlimit64); AT(rlimit64, rlim_cur); AT(rlimit64, rlim_max);
	SIZE(kernel_sigaction); AT(kernel_sigaction, handler); AT(kernel_sigaction, flags);
	AT(kernel_sigaction, restorer); AT(kernel_sigaction, mask);
	SIZE(__user_cap_header_struct); AT(__user_cap_header_struct, version);
	AT(__user_cap_header_struct, pid);
	SIZE(__user_cap_data_struct); AT(__user_cap_data_struct, effective);
	AT(__user_cap_data_struct, permitted); AT(__user_cap_data_struct, inheritable);
	SIZE(winsize); AT(winsize, ws_row); AT(winsize, ws_col); AT(winsize, ws_xpixel);
	AT(winsize, ws_ypixel);
	SIZE(termios); AT(termios, c_iflag); AT(termios, c_oflag); AT(termios, c_cflag);
	AT(termios, c_lflag); AT(termios, c_line); AT(termios, c_cc);
	SIZE(sockaddr_un); AT(sockaddr_un, sun_family); AT(sockaddr_un, sun_path);
	SIZE(sockaddr_in); AT(sockaddr_in, sin_family); AT(sockaddr_in, sin_port); AT(sockaddr_in, sin_addr);
	AT(sockaddr_in, sin_zero);
	SIZE(sockaddr_in6); AT(sockaddr_in6, sin6_family); AT(sockaddr_in6, sin6_port);
	AT(sockaddr_in6, sin6_flowinfo); AT(sockaddr_in6, sin6_addr); AT(sockaddr_in6, sin6_scope_id);
	SIZE(sock_filter); AT(sock_filter, code); AT(sock_filter, jt); AT(sock_filter, jf);
	AT(sock_filter, k);
	SIZE(sock_fprog); AT(sock_fprog, len); AT(sock_fprog, filter);
	SIZE(statfs); AT(statfs, f_type); AT(statfs, f_bsize); AT(statfs, f_blocks);
	AT(statfs, f_bfree); AT(statfs, f_bavail); AT(statfs, f_files); AT(statfs, f_ffree);
	AT(statfs, f_fsid); AT(statfs, f_namelen); AT(statfs, f_frsize); AT(statfs, f_flags);
	AT(statfs, f_spare);
	SIZE(statx); AT(statx, stx_attributes); AT(statx, stx_nlink); AT(statx, stx_uid); AT(statx, stx_gid); AT(statx, stx_mode); AT(statx, stx_ino);
	AT(statx, stx_size); AT(statx, stx_mtime); AT(statx, stx_rdev_major); AT(statx, stx_rdev_minor);
	AT(statx, stx_dev_major); AT(statx, stx_dev_minor);
	printf("posix_spawnattr_t %zu\n", sizeof(posix_spawnattr_t));
#define SPAWN(f) printf("posix_spawnattr_t." #f " %zu\n", offsetof(posix_spawnattr_t, f))
	SPAWN(__flags); SPAWN(__pgrp); SPAWN(__sd); SPAWN(__ss); SPAWN(__sp); SPAWN(__policy);
	printf("posix_spawn_file_actions_t %zu\n", sizeof(posix_spawn_file_actions_t));
	return 0;
}
