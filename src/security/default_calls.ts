/**
 * The calls that a container may make unless the user says otherwise, sorted by reason. Pure.
 *
 * Every call up to Linux 6.18 stands in one group. Where docker and podman differ, the stricter one is followed, as
 * long as no common image breaks with it. Man page: the one of each call, and capabilities(7).
 */

/** Calls that are treated alike, and why. */
export interface CallGroup {
  /** What the calls are for, in a few words. */
  readonly title: string;
  readonly reason: string;
  /** Allowed, refused, or allowed to a container that has one of these capabilities in its bounding set. */
  readonly verdict: "allowed" | "refused" | readonly string[];
  /** Names, parted by blanks. */
  readonly calls: string;
}

const FILES: readonly CallGroup[] = [
  {
    title: "reading and writing",
    reason: "What a descriptor allows was decided when it was opened",
    verdict: "allowed",
    calls: `read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek _llseek sendfile
      sendfile64 splice tee copy_file_range readahead fadvise64 fadvise64_64 arm_fadvise64_64 cachestat fallocate
      truncate truncate64 ftruncate ftruncate64 sync syncfs fsync fdatasync sync_file_range arm_sync_file_range
      io_setup io_submit io_getevents io_cancel io_destroy`,
  },
  {
    title: "files and directories by name",
    reason: "A path leads no farther than the container's own mounts",
    verdict: "allowed",
    calls:
      `open openat openat2 creat access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 fstatat64
      newfstatat statx statfs statfs64 fstatfs fstatfs64 statmount listmount getdents getdents64 chdir fchdir getcwd
      mkdir mkdirat rmdir link linkat symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2
      mknod mknodat umask name_to_handle_at inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
      fanotify_mark`,
  },
  {
    title: "another root directory",
    reason: "The kernel asks for CAP_SYS_CHROOT itself; so the filter is the same one without any capability",
    verdict: "allowed",
    calls: "chroot",
  },
  {
    title: "owners, modes, times, attributes of files",
    reason: "The kernel asks for ownership or a capability for each file",
    verdict: "allowed",
    calls:
      `chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 utime utimes
      futimesat utimensat utimensat_time64 setxattr lsetxattr fsetxattr setxattrat getxattr lgetxattr fgetxattr
      getxattrat listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
      file_getattr file_setattr`,
  },
  {
    title: "descriptors and waiting for them",
    reason: "A process handles what it has opened or was given",
    verdict: "allowed",
    calls:
      `close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl pipe pipe2 poll ppoll ppoll_time64 select
      _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait
      epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime
      timerfd_settime64 timerfd_gettime timerfd_gettime64 memfd_create memfd_secret pidfd_open`,
  },
];

const PROCESSES: readonly CallGroup[] = [
  {
    title: "memory",
    reason: "A process arranges its own address space",
    verdict: "allowed",
    calls:
      `brk mmap mmap2 munmap mremap mprotect pkey_mprotect pkey_alloc pkey_free madvise mincore msync mlock mlock2
      mlockall munlock munlockall mseal remap_file_pages map_shadow_stack membarrier`,
  },
  {
    title: "processes and threads",
    reason: "Process ids are those of the container alone",
    verdict: "allowed",
    calls:
      `fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp
      setpgid getsid setsid set_tid_address set_robust_list get_robust_list rseq set_thread_area get_thread_area
      prctl process_mrelease futex futex_time64 futex_waitv futex_wake futex_wait futex_requeue`,
  },
  {
    title: "signals",
    reason: "A process signals only what it sees and may signal",
    verdict: "allowed",
    calls:
      `kill tkill tgkill pidfd_send_signal pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
      rt_tgsigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 sigaltstack sigprocmask
      sigreturn restart_syscall`,
  },
  {
    title: "scheduling and limits",
    reason: "Priority can be lowered; raising it needs a capability, and cgroups bound the whole",
    verdict: "allowed",
    calls: `sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
      sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
      sched_rr_get_interval sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getrlimit
      ugetrlimit setrlimit prlimit64 getrusage getcpu`,
  },
  {
    title: "users, groups, capabilities",
    reason: "Ids are those of the container, and nobody gets a capability back that was dropped",
    verdict: "allowed",
    calls:
      `getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid
      getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32
      setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget
      capset`,
  },
  {
    title: "time",
    reason: "Clocks are read, and timers are a process's own; setting a clock is another group",
    verdict: "allowed",
    calls:
      `time times gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
      clock_nanosleep_time64 nanosleep alarm getitimer setitimer timer_create timer_delete timer_getoverrun
      timer_gettime timer_gettime64 timer_settime timer_settime64 adjtimex clock_adjtime clock_adjtime64`,
  },
  {
    title: "facts about the system",
    reason: "They are no secret to a container, and change nothing",
    verdict: "allowed",
    calls: "uname sysinfo getrandom",
  },
  {
    title: "sandboxes of a process's own",
    reason: "They only take rights away",
    verdict: "allowed",
    calls: "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",
  },
  {
    title: "debugging",
    reason: "Debuggers need it; since Linux 4.8 a tracer can not lead a process around its filter",
    verdict: "allowed",
    calls: "ptrace process_vm_readv process_vm_writev",
  },
  {
    title: "what the kernel itself puts into programs",
    reason: "Without them a program that is probed from outside dies; elsewhere they are no use",
    verdict: "allowed",
    calls: "uretprobe uprobe",
  },
  {
    title: "registers and caches of one machine",
    reason: "Thread-local storage and old instruction sets need it",
    verdict: "allowed",
    calls: "arch_prctl modify_ldt set_tls get_tls cacheflush breakpoint",
  },
];

const COMMUNICATION: readonly CallGroup[] = [
  {
    title: "sockets that exist",
    reason: "The network is the container's own; which families can be opened is decided by socket",
    verdict: "allowed",
    calls:
      `socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt send sendto
      sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 shutdown`,
  },
  {
    title: "messages, semaphores, shared memory",
    reason: "They belong to the container's own ipc namespace",
    verdict: "allowed",
    calls:
      `semget semop semctl semtimedop semtimedop_time64 msgget msgsnd msgrcv msgctl shmget shmat shmdt shmctl
      mq_open mq_unlink mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64 mq_notify
      mq_getsetattr`,
  },
  {
    title: "calls that stand for others",
    reason:
      "C libraries of 32-bit x86 make all their sockets by them; a filter can not see which family they open",
    verdict: "allowed",
    calls: "socketcall ipc",
  },
];

const BY_CAPABILITY: readonly CallGroup[] = [
  {
    title: "mounts and namespaces",
    reason: "They change what the container sees, and reach much code of the kernel (CVE-2022-0185)",
    verdict: ["CAP_SYS_ADMIN"],
    calls:
      `mount umount umount2 pivot_root open_tree open_tree_attr move_mount mount_setattr fsopen fsconfig fsmount
      fspick unshare setns`,
  },
  {
    title: "host name, quotas, watching whole file systems, security modules",
    reason: "They are administration of a system",
    verdict: ["CAP_SYS_ADMIN"],
    calls: `sethostname setdomainname quotactl quotactl_fd fanotify_init lookup_dcookie lsm_get_self_attr
      lsm_set_self_attr lsm_list_modules`,
  },
  {
    title: "programs in the kernel",
    reason: "The verifier is hard to get right (CVE-2021-31440)",
    verdict: ["CAP_SYS_ADMIN", "CAP_BPF"],
    calls: "bpf",
  },
  {
    title: "performance counters",
    reason: "They measure the host, and have let users in (CVE-2013-2094)",
    verdict: ["CAP_SYS_ADMIN", "CAP_PERFMON"],
    calls: "perf_event_open",
  },
  {
    title: "the kernel's log",
    reason: "It tells what happens on the host, and addresses of the kernel",
    verdict: ["CAP_SYS_ADMIN", "CAP_SYSLOG"],
    calls: "syslog",
  },
  {
    title: "files by handle",
    reason: "A handle can be guessed and leads to files outside the container's root",
    verdict: ["CAP_DAC_READ_SEARCH"],
    calls: "open_by_handle_at",
  },
  {
    title: "other processes' descriptors and memory advice",
    reason: "They look into processes as a debugger does, without its checks of old",
    verdict: ["CAP_SYS_PTRACE"],
    calls: "kcmp pidfd_getfd process_madvise",
  },
  {
    title: "memory of chosen nodes",
    reason: "It takes memory that others count on",
    verdict: ["CAP_SYS_NICE"],
    calls: "mbind get_mempolicy set_mempolicy set_mempolicy_home_node",
  },
  {
    title: "kernel modules",
    reason: "A module can do all that the kernel can",
    verdict: ["CAP_SYS_MODULE"],
    calls: "init_module finit_module delete_module",
  },
  {
    title: "setting clocks",
    reason: "There is one time for the host and all containers",
    verdict: ["CAP_SYS_TIME"],
    calls: "settimeofday stime clock_settime clock_settime64",
  },
  { title: "restart", reason: "It is the host's", verdict: ["CAP_SYS_BOOT"], calls: "reboot" },
  {
    title: "ports of devices",
    reason: "They reach the hardware",
    verdict: ["CAP_SYS_RAWIO"],
    calls: "iopl ioperm",
  },
  {
    title: "process accounting",
    reason: "It writes down what every process of the host does",
    verdict: ["CAP_SYS_PACCT"],
    calls: "acct",
  },
  {
    title: "hanging up terminals",
    reason: "It takes a terminal from others",
    verdict: ["CAP_SYS_TTY_CONFIG"],
    calls: "vhangup",
  },
];

const NEVER: readonly CallGroup[] = [
  {
    title: "keyrings",
    reason: "A user's keys are shared by all that user's containers (CVE-2016-0728)",
    verdict: "refused",
    calls: "add_key request_key keyctl",
  },
  {
    title: "io_uring",
    reason:
      "It makes calls that no filter sees, and is a common way into the kernel (CVE-2022-29582, CVE-2023-2598)",
    verdict: "refused",
    calls: "io_uring_setup io_uring_enter io_uring_register",
  },
  {
    title: "page faults in user space",
    reason: "They hold the kernel still in the middle of its work, which makes races easy to win",
    verdict: "refused",
    calls: "userfaultfd",
  },
  {
    title: "pages by reference",
    reason: "A pipe may keep a page that a process thinks to be its own (CVE-2020-29374)",
    verdict: "refused",
    calls: "vmsplice",
  },
  {
    title: "where pages lie",
    reason: "It tells the addresses of other programs (CVE-2017-14140)",
    verdict: "refused",
    calls: "move_pages migrate_pages",
  },
  {
    title: "another kernel",
    reason: "It takes the host over",
    verdict: "refused",
    calls: "kexec_load kexec_file_load",
  },
  { title: "swap space", reason: "It is the host's", verdict: "refused", calls: "swapon swapoff" },
  {
    title: "asynchronous events with a signal mask",
    reason: "Programs use io_getevents in its place, and podman refuses it",
    verdict: "refused",
    calls: "io_pgetevents io_pgetevents_time64",
  },
  {
    title: "hardware of one machine",
    reason: "It reaches devices, or modes of the processor that little else tests",
    verdict: "refused",
    calls: "vm86 vm86old pciconfig_iobase pciconfig_read pciconfig_write usr26 usr32",
  },
  {
    title: "forms of old programs",
    reason: "No C library of today makes them",
    verdict: "refused",
    calls:
      `oldstat oldfstat oldlstat olduname oldolduname readdir signal sigaction sigpending sigsuspend sgetmask
      ssetmask nice uselib ustat sysfs _sysctl bdflush idle`,
  },
  {
    title: "what the kernel no longer has, or never had",
    reason: "There is nothing behind the number",
    verdict: "refused",
    calls:
      `afs_syscall break create_module ftime get_kernel_syms getpmsg gtty lock mpx nfsservctl prof profil putpmsg
      query_module security stty tuxcall ulimit vserver`,
  },
];

/** All groups but those that look at arguments: {@linkcode ARGUMENT_GROUPS} in default_profile.ts. */
export const CALL_GROUPS: readonly CallGroup[] = [
  ...FILES,
  ...PROCESSES,
  ...COMMUNICATION,
  ...BY_CAPABILITY,
  ...NEVER,
];
