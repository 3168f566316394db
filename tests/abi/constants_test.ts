import { deepEqual, ok } from "node:assert/strict";
import { CLONE } from "../../ffi/constants/clone.ts";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { IN } from "../../ffi/constants/inotify.ts";
import * as mount from "../../ffi/constants/mount.ts";
import * as netlink from "../../ffi/constants/netlink.ts";
import * as open from "../../ffi/constants/open.ts";
import * as terminal from "../../ffi/constants/terminal.ts";
import * as process from "../../ffi/constants/process.ts";
import { type Arch, SYSCALLS } from "../../ffi/constants/syscalls.ts";
import { POSIX_SPAWN } from "../../ffi/spawn.ts";
import { requires } from "../setup/requirements.ts";
import { compile } from "./compiler.ts";

type Row = readonly [name: string, value: number | bigint];

/** Headers that do not exclude each other: the kernel's where both it and the C library have one. */
const HEADERS = [
  ...[
    "errno.h",
    "poll.h",
    "signal.h",
    "spawn.h",
    "sys/inotify.h",
    "stdio.h",
    "sys/ioctl.h",
    "sys/signalfd.h",
    "sys/resource.h",
    "sys/socket.h",
  ],
  ...["sys/stat.h", "time.h", "linux/capability.h", "linux/close_range.h", "linux/fcntl.h", "linux/fs.h"],
  ...["linux/if.h", "linux/if_addr.h", "linux/if_link.h", "linux/keyctl.h", "linux/memfd.h", "linux/mount.h"],
  ...["linux/netlink.h", "linux/openat2.h", "linux/prctl.h", "linux/rtnetlink.h", "linux/sched.h"],
  ...["linux/seccomp.h", "linux/veth.h", "linux/wait.h", "asm/termbits.h"],
];

/** Rows of every table and every plain number that a module exports. */
function rowsOf(module: Readonly<Record<string, unknown>>): Row[] {
  return Object.entries(module).flatMap(([name, value]): Row[] => {
    if (typeof value === "number" || typeof value === "bigint") return [[name, value]];
    return typeof value === "object" && value !== null ? Object.entries(value) as Row[] : [];
  });
}

/** C source that compiles only where each row has the header's value. */
function assertions(headers: readonly string[], rows: readonly Row[]): string {
  const includes = headers.map((header) => `#include <${header}>\n`).join("");
  const lines = rows.map(([name, value]) => {
    const expected = `${BigInt.asUintN(64, BigInt(value))}ULL`;
    // int constants such as 1U<<31 and -100 meet at 64 bits by way of the wider signed type.
    return `_Static_assert((unsigned long long)(long long)(${name}) == ${expected}, "differs: ${name}");\n`;
  });
  return `#define _GNU_SOURCE\n${includes}${lines.join("")}`;
}

interface Comparison {
  readonly compared: number;
  readonly unknown: readonly string[];
  readonly differing: readonly string[];
}

/** Compares rows with headers; names that the headers do not have are told apart. */
function compare(options: {
  readonly args: readonly string[];
  readonly headers: readonly string[];
  readonly rows: readonly Row[];
}): Comparison {
  const folder = Deno.makeTempDirSync();
  try {
    // asm/bitsperlong.h as aarch64 has it.
    Deno.mkdirSync(`${folder}/asm`);
    Deno.writeTextFileSync(`${folder}/asm/bitsperlong.h`, "#define __BITS_PER_LONG 64\n");
    Deno.writeTextFileSync(`${folder}/constants.c`, assertions(options.headers, options.rows));
    const args = ["-w", "-fsyntax-only", "-fmax-errors=0", ...options.args, `${folder}/constants.c`];
    const { messages } = compile("gcc", args.map((arg) => arg.replace("FOLDER", folder)));
    const unknown = [...messages.matchAll(/error: '(\w+)' undeclared/g)].map(([, name = ""]) => name);
    const differing = [...messages.matchAll(/differs: (\w+)/g)].map(([, name = ""]) => name);
    const broken = /fatal error: .*/.exec(messages);
    if (broken !== null) throw new Error(`Cannot compile the comparison: ${broken[0]}`);
    const missing = new Set(unknown);
    const wrong = [...new Set(differing)].filter((name) => !missing.has(name));
    return { compared: options.rows.length - missing.size, unknown: [...missing], differing: wrong };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const TABLES = [
  ...rowsOf({ CLONE, ERRNO, IN, POSIX_SPAWN }),
  ...[mount, netlink, process, terminal, { ...open, O: open.openFlags(Deno.build.arch) }].flatMap(rowsOf),
].filter(([name]) =>
  // The C library takes the first two real-time signals for itself, and says so by a function.
  !["SIGRTMIN", "SIGRTMAX", "RLIM_INFINITY"].includes(name)
);

Deno.test({
  ...requires("the constants are those of the headers", "gcc"),
  fn() {
    const result = compare({ args: [], headers: HEADERS, rows: TABLES });
    deepEqual(result.differing, []);
    ok(result.compared > 450, `only ${result.compared} compared, not in these headers: ${result.unknown}`);
  },
});

Deno.test({
  ...requires("the comparison finds a wrong and an unknown constant", "gcc"),
  fn() {
    const rows: Row[] = [["MS_BIND", 4097], ["MS_REC", 16384], ["MS_NONE", 1], ["AT_FDCWD", -100]];
    const result = compare({ args: [], headers: ["linux/mount.h", "linux/fcntl.h"], rows });
    deepEqual(result, { compared: 3, unknown: ["MS_NONE"], differing: ["MS_BIND"] });
  },
});

function syscallRows(arch: Arch): Row[] {
  return Object.entries(SYSCALLS).map(([name, numbers]) => [`__NR_${name}`, numbers[arch]]);
}

const SYSCALL_HEADERS = [
  { arch: "x86_64", header: "asm/unistd_64.h", args: [], isHere: Deno.build.arch === "x86_64" },
  {
    arch: "aarch64",
    header: "asm-generic/unistd.h",
    // The numbers of aarch64 are the generic ones, with what its own header defines before it includes those.
    args: ["-IFOLDER", "-D__ARCH_WANT_NEW_STAT", "-D__ARCH_WANT_SYS_CLONE3"],
    isHere: true,
  },
] as const;

for (const { arch, header, args } of SYSCALL_HEADERS.filter((row) => row.isHere)) {
  Deno.test({
    ...requires(`the syscall numbers of ${arch} are those of the headers`, "gcc"),
    fn() {
      const rows = syscallRows(arch);
      const result = compare({ args, headers: [header], rows });
      deepEqual(result, { compared: rows.length, unknown: [], differing: [] });
    },
  });
}
