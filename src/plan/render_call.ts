/** Renders calls as strace(1) prints them, with names for what is known only at run time. Pure. */

import { CLONE } from "../../ffi/constants/clone.ts";
import {
  FSCONFIG,
  FSMOUNT,
  FSOPEN,
  MNT,
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
  OPEN_TREE,
} from "../../ffi/constants/mount.ts";
import { AF, MSG, NETLINK, SOCK } from "../../ffi/constants/netlink.ts";
import {
  AT,
  AT_FDCWD,
  CLOSE_RANGE,
  F,
  O,
  OK,
  renderOpenFlags,
  RESOLVE,
  S_IF,
  SEEK,
} from "../../ffi/constants/open.ts";
import {
  CAP,
  CLOCK,
  FUTEX,
  KEYCTL,
  MADV,
  POLL,
  PR,
  PR_CAP_AMBIENT,
  RLIMIT,
  SECCOMP,
  SECCOMP_FILTER_FLAG,
  SFD,
  SIG,
  SIG_HOW,
  SIGRTMIN,
  W,
} from "../../ffi/constants/process.ts";
import { type FlagTable, renderFlags, renderName } from "../../ffi/constants/render.ts";
import { SOCK_FILTER_SIZE } from "../../ffi/constants/seccomp.ts";
import { TIO } from "../../ffi/constants/terminal.ts";
import type { SyscallName } from "../../ffi/constants/syscalls.ts";
import { LOG_HEAD_SIZE, LOG_MAGIC } from "./frame.ts";
import type { Argument, Call, Passage, Struct } from "./operation.ts";

type Format = (value: Argument, call: Call) => string;

const plain: Format = (value) => renderValue(value);
const octal: Format = (value) => `0${Number(value).toString(8)}`.padStart(3, "0");
const flags = (table: FlagTable): Format => (value) => renderFlags(table, value as number);
const name = (table: FlagTable): Format => (value) => renderName(table, value as number);
const directory: Format = (value) => value === AT_FDCWD ? "AT_FDCWD" : renderValue(value);
/** As strace: real-time signals are counted from the kernel's first. */
const signal: Format = (value) =>
  Number(value) < SIGRTMIN ? renderName(SIG, value as number) : `SIGRT_${Number(value) - SIGRTMIN}`;
const mountFlags: Format = (value) => value === 0 ? "0" : renderFlags(MS, value as number);
/** Flags of open(2) for what is not opened: there is no access mode among them. */
const creationFlags: Format = (value) =>
  value === 0 ? "0" : renderOpenFlags(value as number).replace("O_RDONLY|", "");
const messageFlags: Format = (value) => value === 0 ? "0" : renderFlags(MSG, value as number);
const thirdOfIoctl: Format = (value, { args }) =>
  args[1] === TIO.TIOCGPTPEER ? renderOpenFlags(value as number) : renderValue(value);
const rangeFlags: Format = (value) => renderFlags(CLOSE_RANGE, value as number);
const OPEN_TREE_ALL: FlagTable = {
  ...OPEN_TREE,
  AT_EMPTY_PATH: AT.AT_EMPTY_PATH,
  AT_RECURSIVE: AT.AT_RECURSIVE,
};
const AT_TREE: FlagTable = { AT_EMPTY_PATH: AT.AT_EMPTY_PATH, AT_RECURSIVE: AT.AT_RECURSIVE };

const modeOfNode: Format = (value) => {
  const kind = Number(value) & S_IF.S_IFMT;
  return `${renderName(S_IF, kind)}|${octal(Number(value) & 0o7777, undefined as never)}`;
};

/** Source: makedev(3), the coding of 32 bits. */
const device: Format = (value) => {
  const [major, minor] = [Number(value) >> 8 & 0xfff, Number(value) & 0xff | (Number(value) >> 12 & 0xfff00)];
  return `makedev(${hex(major)}, ${hex(minor)})`;
};
const hex = (value: number): string => value === 0 ? "0" : `0x${value.toString(16)}`;

const thirdOfPrctl: Format = (value, { args }) =>
  args[0] === PR.PR_CAP_AMBIENT && args[1] === PR_CAP_AMBIENT.PR_CAP_AMBIENT_RAISE
    ? renderName(CAP, value as number)
    : renderValue(value);
const secondOfPrctl: Format = (value, { args }) => {
  if (args[0] === PR.PR_SET_PDEATHSIG) return renderName(SIG, value as number);
  // Of include/linux/sched/coredump.h, which programs can not include.
  if (args[0] === PR.PR_SET_DUMPABLE) return value === 0 ? "SUID_DUMP_DISABLE" : "SUID_DUMP_USER";
  if (args[0] === PR.PR_CAPBSET_DROP) return renderName(CAP, value as number);
  if (args[0] === PR.PR_CAP_AMBIENT) return renderName(PR_CAP_AMBIENT, value as number);
  return renderValue(value);
};
/** CLONE_NEWTIME and the exit signal share bits in clone(2), not in clone3(2). */
const SHARED: Format = (value) => renderFlags(CLONE, value as number);

/** How each argument is shown; `plain` where nothing stands. */
const FORMATS: Partial<Record<SyscallName, readonly Format[]>> = {
  close_range: [plain, plain, rangeFlags],
  rt_sigaction: [signal],
  rt_sigprocmask: [name(SIG_HOW)],
  signalfd4: [plain, plain, plain, flags(SFD)],
  wait4: [plain, plain, (value) => value === 0 ? "0" : renderFlags(W, value as number)],
  pipe2: [plain, creationFlags],
  fchmod: [plain, octal],
  fcntl: [plain, name(F), (value) => renderFlags({ O_NONBLOCK: O.O_NONBLOCK }, value as number)],
  kill: [plain, signal],
  pidfd_send_signal: [plain, signal],
  openat: [directory, plain, (value) => renderOpenFlags(value as number), octal],
  openat2: [directory],
  faccessat: [directory, plain, name(OK)],
  mkdirat: [directory, plain, octal],
  mknodat: [directory, plain, modeOfNode, device],
  symlinkat: [plain, directory],
  dup3: [plain, plain, creationFlags],
  mount: [plain, plain, plain, mountFlags],
  umount2: [plain, flags(MNT)],
  open_tree: [directory, plain, flags(OPEN_TREE_ALL)],
  move_mount: [directory, plain, directory, plain, flags(MOVE_MOUNT)],
  fsopen: [plain, flags(FSOPEN)],
  fsconfig: [plain, name(FSCONFIG)],
  fsmount: [plain, flags(FSMOUNT), (value) => renderFlags(MOUNT_ATTR, value as number)],
  mount_setattr: [directory, plain, flags(AT_TREE)],
  socket: [name(AF), flags({ ...SOCK, SOCK_RAW: SOCK.SOCK_RAW }), name(NETLINK)],
  socketpair: [name(AF), flags(SOCK), plain],
  recvfrom: [plain, plain, plain, flags(MSG)],
  keyctl: [name(KEYCTL)],
  prlimit64: [plain, name(RLIMIT)],
  prctl: [name(PR), secondOfPrctl, thirdOfPrctl],
  umask: [octal],
  unshare: [SHARED],
  clone: [
    (value) => `child_stack=${value === 0 ? "NULL" : value}`,
    (value) => `flags=${renderName(SIG, value as number)}`,
  ],
  seccomp: [
    name(SECCOMP),
    (value) => value === 0 ? "0" : renderFlags(SECCOMP_FILTER_FLAG, value as number),
  ],
  setns: [plain, SHARED],
  execveat: [plain, plain, plain, plain, flags(AT)],
  ioctl: [plain, name(TIO), thirdOfIoctl],
  accept4: [plain, plain, plain, flags(SOCK)],
  sendmsg: [plain, plain, messageFlags],
  recvmsg: [plain, plain, messageFlags],
  clock_gettime: [name(CLOCK)],
  madvise: [plain, plain, name(MADV)],
  futex: [plain, name(FUTEX)],
  lseek: [plain, plain, name(SEEK)],
  renameat2: [directory, plain, directory],
  unlinkat: [directory, plain, (value) => value === 0 ? "0" : renderFlags(AT, value as number)],
};

/** Arguments that strace leaves out for these calls. */
const SHOWN: Partial<Record<SyscallName, (call: Call) => number>> = {
  openat: ({ args }) => (Number(args[2]) & 0o100) === 0 ? 3 : 4,
  mknodat: ({ args }) => (Number(args[2]) & S_IF.S_IFMT) === S_IF.S_IFREG ? 3 : 4,
};

/** Renders a call without its result: `fchdir({root})`. */
export function renderCall(call: Call): string {
  const formats = FORMATS[call.name] ?? [];
  const count = SHOWN[call.name]?.(call) ?? call.args.length;
  const shown = call.args.slice(0, count).map((value, index) => {
    const format = formats[index] ?? plain;
    return isScalar(value) || format === directory ? format(value, call) : renderValue(value);
  });
  return `${call.name}(${shown.join(", ")})`;
}

function isScalar(value: Argument): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

/** Renders an argument by what it is. Words in braces stand for what only the running program knows. */
export function renderValue(value: Argument): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if ("slot" in value) return `{${value.slot}}`;
  if ("out" in value) {
    return value.shows ?? (value.slots === undefined ? "{...}" : renderSlots(value.slots, value.out));
  }
  if ("texts" in value) {
    return `[${[...value.texts.map(quote), ...(value.home ? ['"HOME={home}"'] : [])].join(", ")}]`;
  }
  if ("message" in value) return "{message: set lo up}";
  if ("filter" in value) return `{len=${value.filter.length / SOCK_FILTER_SIZE}, filter={filter}}`;
  if ("answer" in value) return `{${value.answer}}`;
  if ("frame" in value) return `{${value.frame}}`;
  if ("logHead" in value) return quote(LOG_MAGIC.padEnd(LOG_HEAD_SIZE, "\0"));
  if ("part" in value) return `{${value.part}}`;
  if ("passage" in value) return renderPassage(value);
  if ("bytes" in value) return value.shows;
  return renderStruct(value);
}

/** As strace: one byte, and a descriptor beside it. */
function renderPassage({ descriptor, isReceived }: Passage): string {
  const fd = typeof descriptor === "number" ? String(descriptor) : renderValue(descriptor);
  const control = `[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}]`;
  return `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="\\0", iov_len=1}], msg_iovlen=1, ` +
    `msg_control=${control}, msg_controllen=24, msg_flags=${isReceived ? "MSG_CMSG_CLOEXEC" : "0"}}`;
}

function renderSlots(slots: readonly string[], out: string): string {
  const [first] = slots;
  return out.endsWith("status|") ? `[{${first}}]` : `[${slots.map((slot) => `{${slot}}`).join(", ")}]`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
  "\r": "\\r",
};

/** Quotes a text as C does. */
export function quote(text: string): string {
  // deno-lint-ignore no-control-regex
  const escaped = text.replace(/["\\\x00-\x1f\x7f]/g, (char) => {
    return ESCAPES[char] ?? `\\${char.charCodeAt(0).toString(8)}`;
  });
  return `"${escaped}"`;
}

function renderStruct({ struct, fields }: Struct): string {
  const field = (key: string) => fields[key] ?? 0;
  const bits = (table: FlagTable, key: string) => renderFlags(table, field(key) as bigint);
  switch (struct) {
    case "open_how":
      return `{flags=${renderOpenFlags(Number(field("flags")))}, resolve=${bits(RESOLVE, "resolve")}}`;
    case "mount_attr": {
      const propagation = field("propagation") === 0n ? "0 /* MS_??? */" : bits(MS, "propagation");
      return `{attr_set=${bits(MOUNT_ATTR, "attr_set")}, attr_clr=0, propagation=${propagation}, userns_fd=${
        field("userns_fd")
      }}`;
    }
    case "clone_args":
      return renderClone(bits(CLONE, "flags"), fields);
    case "sigaction":
      return `{sa_handler=${field("handler") === 1n ? "SIG_IGN" : "SIG_DFL"}, sa_mask=[], sa_flags=0}`;
    case "sigset":
      return field("bits") === 0n ? "[]" : "~[]";
    case "rlimit64":
      return `{rlim_cur=${renderLimit(field("rlim_cur"))}, rlim_max=${renderLimit(field("rlim_max"))}}`;
    case "pollfd":
      return renderPolled(fields);
    case "timespec":
      return `{tv_sec=${field("tv_sec")}, tv_nsec=${field("tv_nsec")}}`;
    case "cap_user_header":
      return "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}";
    case "cap_user_data_pair":
      return renderCapabilities(fields as Record<string, number>);
    case "winsize":
      return `{ws_row=${field("ws_row")}, ws_col=${field("ws_col")}, ws_xpixel=0, ws_ypixel=0}`;
    case "record":
      return `{${field("tag")}, ${renderValue(field("value"))}}`;
    default:
      return `{${struct}}`;
  }
}

/** As strace: fields that say nothing are left out, but for those of every clone. */
function renderClone(flags: string, { child_tid, exit_signal, cgroup }: Struct["fields"]): string {
  const parts = [
    `flags=${flags}`,
    ...(child_tid === undefined ? [] : [`child_tid=${renderValue(child_tid)}`]),
    `exit_signal=${exit_signal === undefined ? "0" : "SIGCHLD"}`,
    "stack=NULL",
    "stack_size=0",
    ...(cgroup === undefined ? [] : [`cgroup=${renderValue(cgroup)}`]),
  ];
  return `{${parts.join(", ")}}`;
}

function renderPolled({ fd = 0, second, third, events = 0 }: Struct["fields"]): string {
  const words = renderFlags(POLL, events as number);
  const fds = [fd, second, third].filter((each) => each !== undefined);
  return `[${fds.map((each) => `{fd=${renderValue(each)}, events=${words}}`).join(", ")}]`;
}

/** As strace: a multiple of 1024 is shown as one. */
function renderLimit(value: Argument): string {
  const number = BigInt(value as bigint);
  if (number === 0xffff_ffff_ffff_ffffn) return "RLIM64_INFINITY";
  return number > 1024n && number % 1024n === 0n ? `${number / 1024n}*1024` : String(number);
}

function renderCapabilities(fields: Record<string, number>): string {
  const set = (kind: string) => {
    const bits = BigInt(fields[`${kind}_low`] ?? 0) | (BigInt(fields[`${kind}_high`] ?? 0) << 32n);
    const names = Object.entries(CAP).filter(([, number]) => (bits >> BigInt(number)) & 1n);
    return names.length === 0 ? "0" : names.map(([key]) => `1<<${key}`).join("|");
  };
  return `{effective=${set("effective")}, permitted=${set("permitted")}, inheritable=${set("inheritable")}}`;
}
