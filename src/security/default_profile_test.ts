import { deepEqual, equal, ok } from "node:assert/strict";
import { ERRNO } from "../../ffi/constants/errno.ts";
import { Simulator } from "../../tests/seccomp/simulator.ts";
import { CAPABILITIES } from "../spec/capabilities.ts";
import { compileFilter } from "./compile_filter.ts";
import { CALL_GROUPS } from "./default_calls.ts";
import { ARGUMENT_GROUPS, defaultRules, OPENERS, splitNames } from "./default_profile.ts";
import { ABIS, type Action, ALLOW, errnoAction, NEWER } from "./seccomp_rule.ts";
import { type Abi, syscallNumbers } from "./syscall_numbers.ts";

const KNOWN = new Set((Object.keys(ABIS) as Abi[]).flatMap((abi) => [...syscallNumbers(abi).keys()]));

const GROUPED = [
  ...CALL_GROUPS.flatMap(({ calls }) => splitNames(calls)),
  ...ARGUMENT_GROUPS.map(({ call }) => call),
];

Deno.test("every call stands in one group, and every group has calls that exist", () => {
  deepEqual(GROUPED.toSorted(), [...KNOWN].toSorted());
});

Deno.test("every group has a title of its own and a reason", () => {
  const groups = [...CALL_GROUPS, ...ARGUMENT_GROUPS];
  equal(new Set(groups.map(({ title }) => title)).size, groups.length);
  ok(groups.every(({ reason }) => /^[A-Z].*[^.]$/.test(reason)));
});

Deno.test("the groups name capabilities that exist", () => {
  const known: readonly string[] = CAPABILITIES;
  deepEqual(OPENERS.filter((each) => !known.includes(each)), []);
});

const EPERM = errnoAction(ERRNO.EPERM);
const EINVAL = errnoAction(ERRNO.EINVAL);

interface Row {
  readonly call: string;
  readonly args?: readonly bigint[];
  readonly abi?: Abi;
  readonly caps?: readonly string[];
  readonly verdict: Action;
}

const [UNIX, NETLINK, ALG, QIPCRTR, VSOCK] = [1n, 16n, 38n, 42n, 40n];

const ROWS: readonly Row[] = [
  { call: "openat", verdict: ALLOW },
  { call: "mount", verdict: EPERM },
  { call: "mount", caps: ["CAP_SYS_ADMIN"], verdict: ALLOW },
  { call: "bpf", verdict: EPERM },
  { call: "bpf", caps: ["CAP_BPF"], verdict: ALLOW },
  { call: "bpf", caps: ["CAP_SYS_ADMIN"], verdict: ALLOW },
  { call: "keyctl", caps: OPENERS, verdict: EPERM },
  { call: "io_uring_setup", caps: OPENERS, verdict: EPERM },
  { call: "clone3", verdict: NEWER },
  { call: "clone3", caps: ["CAP_SYS_ADMIN"], verdict: ALLOW },
  { call: "clone", args: [0x3d0f00n], verdict: ALLOW },
  ...[0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n].map((flag) => ({
    call: "clone",
    args: [flag | 0x11n],
    verdict: EPERM,
  })),
  { call: "clone", args: [0x10000000n], caps: ["CAP_SYS_ADMIN"], verdict: ALLOW },
  { call: "clone", args: [0x10000000n], abi: "i386", verdict: EPERM },
  { call: "socket", args: [UNIX], verdict: ALLOW },
  { call: "socket", args: [QIPCRTR], verdict: ALLOW },
  { call: "socket", args: [ALG], verdict: EPERM },
  { call: "socket", args: [VSOCK], caps: OPENERS, verdict: EPERM },
  { call: "socket", args: [0x1_0000_0000n | ALG], verdict: EPERM },
  { call: "socket", args: [0x1_0000_0000n | UNIX], verdict: ALLOW },
  { call: "socket", args: [NETLINK, 3n, 0n], verdict: ALLOW },
  { call: "socket", args: [NETLINK, 3n, 9n], verdict: EINVAL },
  { call: "socket", args: [NETLINK, 3n, 9n], caps: ["CAP_AUDIT_WRITE"], verdict: ALLOW },
  { call: "socket", args: [ALG], abi: "i386", verdict: EPERM },
  ...[0n, 8n, 0x20000n, 0x20008n, 0xffff_ffffn].map((value) => ({
    call: "personality",
    args: [value],
    verdict: ALLOW,
  })),
  ...[1n, 0x40000n, 0x400000n, 0xfffffffen].map((value) => ({
    call: "personality",
    args: [value],
    verdict: EPERM,
  })),
  { call: "ptrace", verdict: ALLOW },
  { call: "chroot", verdict: ALLOW },
  { call: "settimeofday", verdict: EPERM },
  { call: "settimeofday", caps: ["CAP_SYS_TIME"], verdict: ALLOW },
  { call: "vm86", abi: "i386", verdict: EPERM },
  { call: "file_setattr", abi: "x32", verdict: ALLOW },
  { call: "keyctl", abi: "x32", verdict: EPERM },
];

for (const { call, args = [], abi = "x86_64", caps = [], verdict } of ROWS) {
  const with_ = caps.length === 0 ? "" : ` with ${caps.length > 2 ? "all capabilities" : caps.join(", ")}`;
  const shown = args.map((each) => `0x${each.toString(16)}`).join(", ");
  Deno.test(`default profile: ${call}(${shown}) of ${abi}${with_} gives 0x${verdict.toString(16)}`, () => {
    const number = syscallNumbers(abi).get(call);
    ok(number !== undefined);
    const filter = new Simulator(compileFilter(defaultRules("x86_64", caps)));
    equal(filter.run({ number, auditArch: ABIS[abi].auditArch, args }), verdict);
  });
}

Deno.test("default profile: what is newer than Linux 6.18 gives ENOSYS on every ABI", () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    const rules = defaultRules(arch, []);
    const filter = new Simulator(compileFilter(rules));
    for (const abi of rules.abis) {
      const number = (abi === "x32" ? 0x4000_0000 : 0) + 470;
      equal(filter.run({ number, auditArch: ABIS[abi].auditArch, args: [] }), NEWER, abi);
    }
  }
});

/** What follows in a start once the filter is there: see docs/architecture.md. */
const AFTERWARDS =
  "write close close_range setresuid setresgid setgroups capset prctl chdir execve exit_group read";

Deno.test("default profile: a container's own start gets through it", () => {
  const filter = new Simulator(compileFilter(defaultRules("x86_64", [])));
  const numbers = splitNames(AFTERWARDS).map((name) => syscallNumbers("x86_64").get(name) ?? -1);
  const verdicts = numbers.map((number) =>
    filter.run({ number, auditArch: ABIS.x86_64.auditArch, args: [] })
  );
  deepEqual(verdicts, numbers.map(() => ALLOW));
});
