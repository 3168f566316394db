/** Machines that differ from one on which all is well, and what is told of them. */

import { deepEqual, equal, match } from "node:assert/strict";
import { PROBE, PROBED_FILESYSTEMS, PROBED_NAMESPACES } from "../plan/probe_plan.ts";
import type { Findings, Try } from "./findings.ts";
import { judge } from "./judge.ts";

const EPERM: Try = { call: "clone3", errno: "EPERM" };

const GOOD: Findings = {
  uid: 1000,
  userName: "ann",
  arch: "x86_64",
  release: "6.12.1-amd64",
  settings: { "user.max_user_namespaces": "15000", "kernel.yama.ptrace_scope": "1" },
  missingCalls: [],
  noProgram: undefined,
  isMemfdRefused: false,
  namespaces: everyNamespace(true),
  steps: {
    [PROBE.map]: true,
    [PROBE.overlay]: true,
    [PROBE.keyring]: true,
    ...Object.fromEntries(PROBED_FILESYSTEMS.map((type) => [PROBE.mount(type), true as const])),
  },
  ranges: { uids: { start: 100000, count: 65536 }, gids: { start: 100000, count: 65536 } },
  helpers: {
    newuidmap: { path: "/usr/bin/newuidmap", privilege: "set-user-id" },
    newgidmap: { path: "/usr/bin/newgidmap", privilege: "set-user-id" },
  },
  rangeMap: true,
  shift: undefined,
  cgroup: {
    version: "v2",
    mount: "/sys/fs/cgroup",
    controllers: ["cpu", "cpuset", "io", "memory", "pids"],
    own: "/user.slice/a",
    writable: { path: "/user.slice/a", controllers: ["cpu", "memory", "pids"] },
    isOwnWritable: true,
  },
  seccomp: "EFAULT",
  lsm: ["yama", "apparmor"],
  hasAppArmor: true,
  selinux: undefined,
  keys: { used: 1, most: 200 },
  tun: true,
  networkHelpers: { pasta: "/usr/bin/pasta", slirp4netns: undefined },
  userSession: "/run/user/1000",
  state: {
    root: "/home/ann/.myctr",
    existing: "/home/ann/.myctr",
    isWritable: true,
    filesystem: "ext4",
    availableBytes: 2 ** 40,
    overlay: true,
  },
};

function everyNamespace(tried: Try): Findings["namespaces"] {
  return Object.fromEntries(PROBED_NAMESPACES.map((type) => [type, tried])) as Findings["namespaces"];
}

const NO_USERNS: Partial<Findings> = { namespaces: everyNamespace(EPERM), steps: {} };

interface Row {
  readonly what: string;
  readonly other: Partial<Findings>;
  readonly check: string;
  readonly told: RegExp;
  readonly canRun: boolean;
}

const ROWS: readonly Row[] = [
  {
    what: "max_user_namespaces is 0",
    other: { ...NO_USERNS, settings: { "user.max_user_namespaces": "0" } },
    check: "user namespaces",
    told: /missing: user.max_user_namespaces is 0.*sysctl user.max_user_namespaces=15000/,
    canRun: false,
  },
  {
    what: "Debian's switch is off",
    other: { ...NO_USERNS, settings: { "kernel.unprivileged_userns_clone": "0" } },
    check: "user namespaces",
    told: /missing: kernel.unprivileged_userns_clone is 0/,
    canRun: false,
  },
  {
    what: "Ubuntu's AppArmor lets the namespace be made, but no id be mapped in it",
    other: {
      steps: { ...GOOD.steps, [PROBE.map]: { call: "write", errno: "EPERM" } },
      settings: { "kernel.apparmor_restrict_unprivileged_userns": "1" },
    },
    check: "user namespaces",
    told: /missing: kernel.apparmor_restrict_unprivileged_userns is 1.*the rule userns/,
    canRun: false,
  },
  {
    what: "root has no user namespaces but all others",
    other: { uid: 0, namespaces: { ...GOOD.namespaces, user: EPERM }, shift: true },
    check: "user namespaces",
    told: /missing: clone3\(\) gives EPERM.*--userns host/,
    canRun: true,
  },
  {
    what: "the kernel is old",
    other: { release: "5.10.0-46", steps: { ...GOOD.steps, [PROBE.overlay]: EPERM } },
    check: "overlay",
    told: /missing: .*Linux 5.11/,
    canRun: true,
  },
  {
    what: "the kernel is older than root needs",
    other: { uid: 0, release: "5.15.0", shift: true },
    check: "kernel",
    told: /limited: .*needed: 5.19/,
    canRun: true,
  },
  {
    what: "a filter hides clone3",
    other: { missingCalls: ["clone3"] },
    check: "kernel",
    told: /missing: .*without clone3/,
    canRun: false,
  },
  {
    what: "the processor is another",
    other: { arch: "aarch64" },
    check: "kernel",
    told: /missing/,
    canRun: false,
  },
  {
    what: "/proc is covered by another engine",
    other: { steps: { ...GOOD.steps, [PROBE.mount("proc")]: { call: "fsmount", errno: "EPERM" } } },
    check: "mounts in namespaces",
    told: /missing: proc: fsmount\(\) gives EPERM.*--privileged/,
    canRun: false,
  },
  {
    what: "the kernel has no message queues",
    other: { steps: { ...GOOD.steps, [PROBE.mount("mqueue")]: { call: "fsopen", errno: "ENODEV" } } },
    check: "mounts in namespaces",
    told: /limited: mqueue/,
    canRun: true,
  },
  {
    what: "the state directory is on an overlay",
    other: {
      state: { ...GOOD.state, filesystem: "overlay", overlay: { call: "fsconfig", errno: "EINVAL" } },
    },
    check: "overlay",
    told: /limited: in memory alone.*another --root/,
    canRun: true,
  },
  {
    what: "there is no line in /etc/subuid",
    other: { ranges: { uids: undefined, gids: undefined }, rangeMap: undefined },
    check: "subordinate ids",
    told: /limited: no line of ann.*usermod/,
    canRun: true,
  },
  {
    what: "newuidmap is not installed",
    other: { helpers: { ...GOOD.helpers, newuidmap: { path: undefined, privilege: undefined } } },
    check: "id helpers",
    told: /limited: no newuidmap.*apt install uidmap \(Debian\), dnf install shadow-utils/,
    canRun: true,
  },
  {
    what: "newgidmap has lost its rights",
    other: { helpers: { ...GOOD.helpers, newgidmap: { path: "/usr/bin/newgidmap", privilege: undefined } } },
    check: "id helpers",
    told: /limited: without rights: \/usr\/bin\/newgidmap/,
    canRun: true,
  },
  {
    what: "the helpers refuse the range",
    other: { rangeMap: "Cannot map the ids" },
    check: "id helpers",
    told: /missing: they refuse/,
    canRun: false,
  },
  {
    what: "root's file system can't shift ids",
    other: { uid: 0, shift: { call: "mount_setattr", errno: "EINVAL" } },
    check: "shifted ids",
    told: /missing: mount_setattr\(\) gives EINVAL \(ext4\)/,
    canRun: true,
  },
  {
    what: "cgroups are hybrid",
    other: { cgroup: { ...GOOD.cgroup, version: "hybrid", controllers: [] } },
    check: "cgroups",
    told: /limited: v1, and v2 .* with no controllers/,
    canRun: true,
  },
  {
    what: "the login session is not in the delegated part",
    other: { cgroup: { ...GOOD.cgroup, isOwnWritable: false } },
    check: "cgroup delegation",
    told: /limited: .*not in it.*systemd-run --user --scope/,
    canRun: true,
  },
  {
    what: "nothing is delegated",
    other: { cgroup: { ...GOOD.cgroup, writable: undefined } },
    check: "cgroup delegation",
    told: /missing: .*not yours/,
    canRun: true,
  },
  {
    what: "there are no filters",
    other: { seccomp: "EINVAL" },
    check: "seccomp filters",
    told: /missing/,
    canRun: true,
  },
  {
    what: "memfd may not be executed",
    other: { isMemfdRefused: true, settings: { "vm.memfd_noexec": "2" } },
    check: "program in memory",
    told: /limited: .*memfd_noexec is 2/,
    canRun: true,
  },
  {
    what: "no program can be started",
    other: { noProgram: "EACCES" },
    check: "program in memory",
    told: /missing: cannot be started: EACCES/,
    canRun: false,
  },
  {
    what: "Yama lets nobody attach",
    other: { settings: { "kernel.yama.ptrace_scope": "3" } },
    check: "ptrace",
    told: /limited: 3/,
    canRun: true,
  },
  {
    what: "keys are used up",
    other: { steps: { ...GOOD.steps, [PROBE.keyring]: { call: "keyctl", errno: "EDQUOT" } } },
    check: "keyrings",
    told: /limited: keyctl\(\) gives EDQUOT, 1 of 200/,
    canRun: true,
  },
  {
    what: "the state directory is not the user's",
    other: { state: { ...GOOD.state, isWritable: false } },
    check: "state directory",
    told: /missing: .*can't be written/,
    canRun: false,
  },
];

for (const { what, other, check, told, canRun } of ROWS) {
  Deno.test(`judge(): ${what}`, () => {
    const diagnosis = judge({ ...GOOD, ...other });
    const found = diagnosis.checks.find(({ name }) => name === check)!;
    match(`${found.state}: ${found.found}; ${found.lost}; ${found.remedy}`, told);
    equal(diagnosis.canRun, canRun);
  });
}

Deno.test("judge() finds nothing wrong where all is well", () => {
  const { canRun, verdict, checks } = judge(GOOD);
  deepEqual(checks.filter(({ state }) => state !== "ok"), []);
  deepEqual([canRun, verdict], [true, "Containers of ann can run here"]);
});

for (const { what, other } of ROWS) {
  Deno.test(`judge() says what is lost and how to get it: ${what}`, () => {
    const bad = judge({ ...GOOD, ...other }).checks.filter(({ state }) => state !== "ok");
    deepEqual(bad.filter(({ lost, remedy }) => !lost || !remedy), []);
  });
}
