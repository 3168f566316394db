/** The tables of numbers are those of the kernel's headers, as far as these know the calls. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { X32_SYSCALL_BIT } from "../../ffi/constants/seccomp.ts";
import { type Abi, syscallNumbers } from "../../src/security/syscall_numbers.ts";
import type { NeedName } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";

/** How to get at an ABI's header with any gcc. */
interface Header {
  readonly abi: Abi;
  readonly include: string;
  readonly args: readonly string[];
  readonly needs: readonly NeedName[];
  /** Names that are no calls. */
  readonly others: readonly string[];
}

const FOREIGN = ["-nostdinc", "-undef"];

const X86: readonly Header[] = [
  { abi: "x86_64", include: "asm/unistd_64.h", args: [], needs: [], others: [] },
  { abi: "i386", include: "asm/unistd_32.h", args: [], needs: [], others: [] },
  {
    abi: "x32",
    include: "asm/unistd_x32.h",
    args: ["-D__X32_SYSCALL_BIT=0x40000000"],
    needs: [],
    others: [],
  },
];

const ARM: readonly Header[] = [
  {
    abi: "aarch64",
    include: "asm/unistd.h",
    args: [...FOREIGN, "-D__aarch64__", "-I/usr/aarch64-linux-gnu/include"],
    needs: ["arm_headers"],
    others: ["arch_specific_syscall", "syscalls"],
  },
  {
    abi: "arm",
    include: "asm/unistd.h",
    args: [...FOREIGN, "-D__ARM_EABI__", "-I/usr/arm-linux-gnueabihf/include"],
    needs: ["arm_headers"],
    // The last one is arm_sync_file_range by another name; libseccomp has the one that is older.
    others: ["BASE", "OABI_SYSCALL_BASE", "SYSCALL_BASE", "SYSCALL_MASK", "sync_file_range2"],
  },
];

/** Calls that came after the others into numbers that were left free: Linux 6.11 and 6.18. */
const LATE = ["uretprobe", "uprobe"];

function preprocess(source: string, args: readonly string[]): string {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/source.c`, source);
    const { success, stdout, stderr } = new Deno.Command("gcc", {
      args: ["-E", "-P", ...args, `${folder}/source.c`],
      env: { LC_ALL: "C" },
    }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Reads a header's numbers: each is a number, or a sum of numbers. */
function readHeader({ include, args, others }: Header): Map<string, number> {
  const source = `#include <${include}>\n`;
  const macros = preprocess(source, ["-dM", ...args]);
  const names = [...macros.matchAll(/^#define (__(?:ARM_)?NR_(\w+)) /gm)]
    .filter(([, , name = ""]) => !others.includes(name) && !name.startsWith("3264_"));
  const wanted = names.map(([, macro, name]) => `@${name}@ ${macro}\n`).join("");
  const lines = [...preprocess(source + wanted, args).matchAll(/@(\w+)@ (.*)/g)];
  return new Map(lines.map(([, name = "", sum = ""]) => [name, addUp(sum)]));
}

/** Whether a number is none of those that x32 and arm have apart from the others. */
function isUnified(number: number): boolean {
  return (number & ~X32_SYSCALL_BIT) < 512;
}

function addUp(sum: string): number {
  const terms = sum.match(/0x[0-9a-f]+|\d+/gi) ?? [];
  equal(terms.length > 0, true, `no number: ${sum}`);
  return terms.reduce((total, term) => total + Number(term), 0);
}

for (const header of [...(Deno.build.arch === "x86_64" ? X86 : []), ...ARM]) {
  Deno.test({
    ...requires(`the numbers of ${header.abi} are those of the headers`, "gcc", ...header.needs),
    fn() {
      const [ours, theirs] = [syscallNumbers(header.abi), readHeader(header)];
      ok(theirs.size > 250, `only ${theirs.size} calls in the header`);
      const newest = Math.max(...[...theirs.values()].filter(isUnified));
      const here = [...ours].filter(([name, number]) =>
        theirs.has(name) || (number <= newest && !LATE.includes(name))
      );
      deepEqual(Object.fromEntries(here.sort()), Object.fromEntries([...theirs].sort()));
    },
  });
}

const SAMPLES = [
  { abi: "x86_64", name: "file_setattr", number: 469 },
  { abi: "x86_64", name: "uprobe", number: 336 },
  { abi: "x32", name: "rt_sigaction", number: 0x4000_0000 + 512 },
  { abi: "x32", name: "read", number: 0x4000_0000 },
  { abi: "x32", name: "epoll_ctl_old", number: undefined },
  { abi: "i386", name: "socketcall", number: 102 },
  { abi: "i386", name: "accept", number: undefined },
  { abi: "aarch64", name: "openat", number: 56 },
  { abi: "aarch64", name: "open", number: undefined },
  { abi: "arm", name: "set_tls", number: 0x0f_0005 },
  { abi: "arm", name: "memfd_secret", number: undefined },
] as const;

for (const { abi, name, number } of SAMPLES) {
  Deno.test(`syscallNumbers() has ${number ?? "none"} for ${name} of ${abi}`, () => {
    equal(syscallNumbers(abi).get(name), number);
  });
}

for (const abi of ["x86_64", "x32", "i386", "aarch64", "arm"] as const) {
  Deno.test(`syscallNumbers() has a number of its own for each call of ${abi}`, () => {
    const numbers = [...syscallNumbers(abi).values()];
    equal(new Set(numbers).size, numbers.length);
  });
}
