/** The kernel takes our filters, and decides as the simulator says: with and without privilege. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { BPF, SECCOMP_RET, SECCOMP_RET_MASK, SOCK_FILTER_SIZE } from "../../ffi/constants/seccomp.ts";
import { SECCOMP_FILTER_FLAG } from "../../ffi/constants/process.ts";
import { compileFilter } from "../../src/security/compile_filter.ts";
import { buildSeccomp } from "../../src/security/build_seccomp.ts";
import { defaultRules, OPENERS } from "../../src/security/default_profile.ts";
import { ABIS, ALLOW, errnoAction, MACHINE_ABIS } from "../../src/security/seccomp_rule.ts";
import { type Abi, syscallNumbers } from "../../src/security/syscall_numbers.ts";
import { compile } from "../abi/compiler.ts";
import { requires } from "../setup/requirements.ts";
import { Simulator } from "./simulator.ts";

const ARCH = Deno.build.arch;
const [OWN] = MACHINE_ABIS[ARCH];

/** Calls that do nothing with -1 in all arguments: they fail, or tell something. */
const HARMLESS =
  ("read write close fstat lseek munmap ioctl pread64 pwrite64 readv writev mincore shmctl dup getpid " +
    "sendfile bind listen getsockname setsockopt wait4 kill semctl msgctl fcntl flock fsync ftruncate fchdir fchmod " +
    "getuid getppid getpgid capget prctl gettid tgkill fgetxattr futex getdents64 epoll_ctl openat mkdirat fchownat " +
    "unlinkat splice tee timerfd_settime fallocate inotify_rm_watch ptrace process_vm_readv seccomp getrandom membarrier " +
    "copy_file_range statx rseq pidfd_send_signal openat2 landlock_restrict_self").split(" ");

/** 32-bit calls of the same kind. */
const HARMLESS_32 = [
  "read",
  "close",
  "getpid",
  "fcntl64",
  "statfs64",
  "socketcall",
  "ipc",
  "clock_gettime64",
];

const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const ARGS = Array.from({ length: 6 }, () => ALL_ONES);

interface Probed {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly results: readonly number[];
  readonly errors: string;
}

/** Something to ask the kernel. */
interface Question {
  readonly abi: Abi;
  readonly name: string;
  readonly number: number;
}

/** Runs the probe under a filter. */
function probe(filter: Uint8Array, flags: number, questions: readonly Question[]): Probed {
  const folder = Deno.makeTempDirSync();
  try {
    const source = new URL("probe.c", import.meta.url).pathname;
    const { success, messages } = compile("gcc", ["-O1", "-w", "-o", `${folder}/probe`, source]);
    ok(success, messages);
    Deno.writeFileSync(`${folder}/filter`, filter);
    const lines = questions.map(({ abi, number }) => `${abi === "i386" ? 32 : 64} ${number} -1\n`);
    Deno.writeTextFileSync(`${folder}/calls`, lines.join(""));
    const { code, signal, stdout, stderr } = new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$0/probe" "$0/filter" "$1" <"$0/calls"', folder, String(flags)],
    }).outputSync();
    const results = new TextDecoder().decode(stdout).split("\n").slice(0, -1).map(Number);
    return { code, signal, results, errors: new TextDecoder().decode(stderr) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Raises the errno of every refusal, to tell the filter's from the kernel's own. */
function mark(filter: Uint8Array, by: number): Uint8Array {
  const marked = filter.slice();
  const view = new DataView(marked.buffer);
  for (let at = 0; at < marked.length; at += SOCK_FILTER_SIZE) {
    const word = view.getUint32(at + 4, true);
    const isReturn = view.getUint16(at, true) === (BPF.BPF_RET | BPF.BPF_K);
    if (isReturn && isRefusal(word)) view.setUint32(at + 4, word + by, true);
  }
  return marked;
}

function isRefusal(word: number): boolean {
  return (word & SECCOMP_RET_MASK.SECCOMP_RET_ACTION_FULL) >>> 0 === SECCOMP_RET.SECCOMP_RET_ERRNO;
}

/** What the filter says to a question, as the probe would print it; undefined where the kernel is left to answer. */
function expectation(filter: Uint8Array, { abi, number }: Question): number | undefined {
  const args = abi === "i386" ? ARGS.map((each) => each & 0xffff_ffffn) : ARGS;
  const word = new Simulator(filter).run({ number, auditArch: ABIS[abi].auditArch, args });
  return isRefusal(word) ? -(word & SECCOMP_RET_MASK.SECCOMP_RET_DATA) : undefined;
}

/** All calls that a filter refuses, and harmless ones that it allows. */
function listQuestions(filter: Uint8Array, abis: readonly Abi[]): Question[] {
  return abis.flatMap((abi) => {
    const harmless = abi === "i386" ? HARMLESS_32 : abi === "x32" ? [] : HARMLESS;
    return [...syscallNumbers(abi)].map(([name, number]) => ({ abi, name, number }))
      .filter((question) => harmless.includes(question.name) || expectation(filter, question) !== undefined);
  });
}

const SPEC_ALLOW = SECCOMP_FILTER_FLAG.SECCOMP_FILTER_FLAG_SPEC_ALLOW;

/** Far above the kernel's errnos, and still below 4096. */
const MARK = 1000;

/** int 0x80 needs CONFIG_IA32_EMULATION, without which the processor raises SIGSEGV. */
function hasInt80(): boolean {
  if (ARCH !== "x86_64") return false;
  const getpid = { abi: "i386", name: "getpid", number: 20 } as const;
  const allowAll = compileFilter({ abis: MACHINE_ABIS.x86_64, defaultAction: ALLOW, rules: [], flags: [] });
  return (probe(allowAll, 0, [getpid]).results[0] ?? -1) > 0;
}

const CASES = [
  { name: "the default profile", capabilities: [], least: 90 },
  { name: "the default profile with all capabilities", capabilities: OPENERS, least: 60 },
] as const;

for (const { name, capabilities, least } of CASES) {
  Deno.test({
    ...requires(`the kernel decides as the simulator: ${name}`, "gcc"),
    async fn() {
      const request = { arch: ARCH, capabilities, profile: "default", kernelVersion: "6.18" } as const;
      const filter = (await buildSeccomp(request))?.filter;
      ok(filter !== undefined);
      const abis = MACHINE_ABIS[ARCH].filter((abi) => abi !== "arm" && (abi !== "i386" || hasInt80()));
      const questions = listQuestions(filter, abis);
      ok(questions.length >= least, `only ${questions.length} calls`);
      for (const tried of [mark(filter, MARK), filter]) {
        const { results, errors, code } = probe(tried, SPEC_ALLOW, questions);
        deepEqual({ errors, code, count: results.length }, { errors: "", code: 0, count: questions.length });
        const wrong = questions.flatMap((question, index) => {
          const [wanted, got = 0] = [expectation(tried, question), results[index]];
          // An answer of the kernel's own is any that bears no mark.
          const isRight = wanted === undefined ? got > -MARK : got === wanted;
          return isRight ? [] : [`${question.abi} ${question.name}: ${got}, not ${wanted}`];
        });
        deepEqual(wrong, []);
      }
    },
  });
}

Deno.test({
  ...requires("the kernel kills a process that makes calls of an ABI that is not listed", "gcc"),
  ignore: ARCH !== "x86_64",
  fn() {
    if (!hasInt80()) return;
    const filter = compileFilter({ ...defaultRules("x86_64", []), abis: ["x86_64"] });
    const getpid = { abi: "i386", name: "getpid", number: 20 } as const;
    const own = { abi: "x86_64", name: "getpid", number: 39 } as const;
    const { signal, results } = probe(filter, 0, [own, getpid, own]);
    equal(signal, "SIGSYS");
    equal(results.length, 1);
  },
});

Deno.test({
  ...requires("the kernel takes a filter of the greatest length, with jumps as far as they go", "gcc"),
  fn() {
    ok(OWN !== undefined);
    const number = syscallNumbers(OWN).get("getppid") ?? 0;
    const conditionOf = (value: number) => ({
      index: 0,
      op: "SCMP_CMP_EQ" as const,
      value: BigInt(value),
      valueTwo: 0n,
    });
    const rules = Array.from({ length: 1350 }, (_, index) => ({
      names: ["getppid"],
      action: errnoAction(100 + index % 100),
      conditions: [conditionOf(index)],
      where: "",
    }));
    rules.push({
      names: ["getppid"],
      action: errnoAction(77),
      conditions: [conditionOf(-1 >>> 0)],
      where: "",
    });
    const last = { ...conditionOf(0), value: ALL_ONES };
    rules.push({ names: ["getppid"], action: errnoAction(78), conditions: [last], where: "" });
    const filter = compileFilter({ abis: [OWN], defaultAction: ALLOW, rules, flags: [] });
    ok(filter.length > 8 * 2500, `${filter.length / 8} instructions`);
    deepEqual(probe(filter, 0, [{ abi: OWN, name: "getppid", number }]).results, [-78]);
  },
});
