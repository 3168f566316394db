/** Name, network, limits, capabilities, user: what the container's process is allowed to be. Pure. */

import { AF, NETLINK, SOCK } from "../../ffi/constants/netlink.ts";
import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import {
  _LINUX_CAPABILITY_VERSION_3,
  CAP,
  KEYCTL,
  PR,
  PR_CAP_AMBIENT,
  RLIMIT,
  SECCOMP,
  SECCOMP_FILTER_FLAG,
} from "../../ffi/constants/process.ts";
import { ANNOTATION } from "../spec/types.ts";
import { ANSWER } from "./answer.ts";
import { FD } from "./descriptors.ts";
import { canSetGroups } from "./id_maps.ts";
import { record } from "./structures.ts";
import { type Call, call, slot, type Struct } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { RECORD, RECORD_SIZE } from "./records.ts";
import { followMonitor } from "./root_steps.ts";
import { handTerminal } from "./terminal_steps.ts";

/** Takes what the next execve(2) of this thread changes to. Linux 5.8. @see apparmor(7) */
const APPARMOR_EXEC = "/proc/thread-self/attr/apparmor/exec";
/** What login shells get: a program that closes all descriptors one by one is slow with more. */
const OPEN_FILES_SOFT = 1024;

/** From the entered root to a process that has only what it may have. */
export function addIdentity(builder: PlanBuilder): void {
  addSurroundings(builder);
  builder.add({
    label: "ask who the user is",
    shell: "getent passwd USER",
    reason: "Only the finished root knows its users; myctr reads them and answers.",
    man: "passwd(5)",
  }, [
    call("write", [FD.status, record(RECORD.mounted), RECORD_SIZE]),
    call("read", [FD.go, { answer: "all" }, ANSWER.size], { ends: "on-zero" }),
  ]);
  handTerminal(builder);
  addRights(builder);
}

/** From a process that may do everything to one that is the user, and has what that user may. */
export function addRights(builder: PlanBuilder): void {
  addBoundingSet(builder);
  addSeccomp(builder);
  addUser(builder);
  addConfinement(builder);
}

function addSurroundings(builder: PlanBuilder): void {
  const kinds = new Set(builder.newNamespaces);
  const { hostname, domainname } = builder.spec;
  if (kinds.has("uts") && hostname !== undefined) {
    builder.add({
      label: `set the host name ${hostname}`,
      shell: `hostname ${hostname}`,
      reason: "The container has a name of its own.",
      man: "sethostname(2)",
    }, [call("sethostname", [hostname, new TextEncoder().encode(hostname).length])]);
  }
  if (kinds.has("uts") && domainname !== undefined) {
    builder.add({
      label: `set the domain name ${domainname}`,
      shell: `domainname ${domainname}`,
      reason: "Programs that ask the kernel for a domain are told this one.",
      man: "setdomainname(2)",
    }, [call("setdomainname", [domainname, new TextEncoder().encode(domainname).length])]);
  }
  if (kinds.has("network")) addLoopback(builder);
  addInheritance(builder);
}

/** What a process is born with, and shall not have from the caller. */
export function addInheritance(builder: PlanBuilder): void {
  builder.add({
    label: "join a new keyring",
    shell: "keyctl session",
    reason: "Keys that the kernel keeps for you stay out of the container.",
    man: "keyctl(2)",
  }, [call("keyctl", [KEYCTL.KEYCTL_JOIN_SESSION_KEYRING, null], { failure: "attempt" })]);
  const isLimited = builder.spec.process.rlimits.some(({ type }) => type === "RLIMIT_NOFILE");
  if (!isLimited) addOpenFiles(builder);
}

function addOpenFiles(builder: PlanBuilder): void {
  const hard = builder.host.openFilesHard;
  const soft = Math.min(OPEN_FILES_SOFT, hard);
  const limit: Struct = { struct: "rlimit64", fields: { rlim_cur: BigInt(soft), rlim_max: BigInt(hard) } };
  builder.add({
    label: "limit open files",
    shell: `ulimit -Sn ${soft}`,
    reason: "The usual limit, in place of the high one that myctr itself runs with.",
    man: "prlimit(2)",
  }, [call("prlimit64", [0, RLIMIT.RLIMIT_NOFILE, limit, null])]);
}

function addLoopback(builder: PlanBuilder): void {
  builder.add({
    label: "bring up the loopback device",
    shell: "ip link set lo up",
    reason: "Programs in the container reach each other at 127.0.0.1.",
    man: "rtnetlink(7)",
  }, [
    call("socket", [AF.AF_NETLINK, SOCK.SOCK_RAW | SOCK.SOCK_CLOEXEC, NETLINK.NETLINK_ROUTE], {
      result: "netlink",
    }),
    call("sendto", [slot("netlink"), { message: "set lo up", size: 32 }, 32, 0, null, 0]),
    call("recvfrom", [slot("netlink"), { out: "netlink.ack", size: 256 }, 256, 0, null, null], {
      acknowledgement: "netlink.ack",
    }),
  ]);
}

function capabilityNumbers(names: readonly string[]): number[] {
  return names.map((name) => CAP[name as keyof typeof CAP]).sort((a, b) => a - b);
}

/** The bounding set as it will be: what the spec names, within what the caller itself can give. */
function bounding(builder: PlanBuilder): ReadonlySet<number> {
  const own = new Set(builder.host.ownCapabilities);
  const all = capabilityNumbers(builder.spec.process.capabilities.bounding);
  return new Set(builder.hasUserNamespace ? all : all.filter((number) => own.has(number)));
}

function addBoundingSet(builder: PlanBuilder): void {
  const kept = bounding(builder);
  const names = Object.entries(CAP).filter(([, number]) =>
    number <= builder.host.lastCapability && !kept.has(number)
  );
  if (names.length === 0) return;
  builder.add({
    label: "give up capabilities",
    shell: `capsh --drop=${names.map(([name]) => name.toLowerCase()).join(",")}`,
    reason: "What is dropped here no program in the container can ever have, root or not.",
    man: "capabilities(7)",
  }, names.map(([, number]) => call("prctl", [PR.PR_CAPBSET_DROP, number])));
}

/** While the process may still do it: without privileges the kernel takes a filter only with no_new_privs. */
function addSeccomp(builder: PlanBuilder): void {
  const { seccomp } = builder.host;
  if (seccomp === undefined) return;
  const flags = seccomp.flags.reduce(
    (bits, name) => bits | SECCOMP_FILTER_FLAG[name as keyof typeof SECCOMP_FILTER_FLAG],
    0,
  );
  builder.add({
    label: "filter system calls",
    shell: "setpriv --seccomp-filter FILE",
    reason:
      "Most of the kernel's faults lie in calls that hardly any program makes: the container can not make them.",
    man: "seccomp(2)",
  }, [call("seccomp", [SECCOMP.SECCOMP_SET_MODE_FILTER, flags, { filter: seccomp.filter }])]);
}

function addUser(builder: PlanBuilder): void {
  const hasGroups = canSetGroups(builder.host.idMap);
  const user = builder.annotation("user");
  builder.add({
    label: `become user ${user ?? "0"}`,
    shell: "setpriv --reuid UID --regid GID --groups GROUPS",
    reason: "From here on the process is the user that the command runs as.",
    man: "setresuid(2)",
  }, [
    // Ids change while capabilities are still held: groups first, user last.
    call("prctl", [PR.PR_SET_KEEPCAPS, 1]),
    ...(hasGroups ? [call("setgroups", [{ answer: "groupCount" }, { answer: "groups" }])] : []),
    call("setresgid", [{ answer: "gid" }, { answer: "gid" }, { answer: "gid" }]),
    call("setresuid", [{ answer: "uid" }, { answer: "uid" }, { answer: "uid" }]),
    ...capabilityCalls(builder),
    ...followMonitor(),
  ]);
}

/** What the command can't shed, whatever it executes. */
function addConfinement(builder: PlanBuilder): void {
  const { apparmorProfile, noNewPrivileges } = builder.spec.process;
  if (apparmorProfile !== undefined) {
    const text = `exec ${apparmorProfile}`;
    builder.add({
      label: `put the command under AppArmor profile ${apparmorProfile}`,
      shell: `echo "${text}" >/proc/thread-self/attr/apparmor/exec`,
      reason: "The profile that you asked for takes hold when the command is executed.",
      man: "apparmor(7)",
    }, [
      call("openat", [AT_FDCWD, APPARMOR_EXEC, O.O_WRONLY | O.O_CLOEXEC, 0], { result: "apparmor" }),
      call("write", [slot("apparmor"), text, new TextEncoder().encode(text).length]),
    ]);
  }
  if (noNewPrivileges) {
    builder.add({
      label: "keep privileges from growing",
      shell: "setpriv --no-new-privs",
      reason: "No program that the command executes can gain rights, not even one that belongs to root.",
      man: "prctl(2)",
    }, [call("prctl", [PR.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0])]);
  }
}

/** Whether the user as typed is root for sure: root's capabilities are the bounding set, others' what was added. */
function isTypedRoot(user: string | undefined): boolean {
  return user === undefined || /^(0|root)?(:|$)/.test(user);
}

function capabilityCalls(builder: PlanBuilder): Call[] {
  const kept = bounding(builder);
  const isRoot = isTypedRoot(builder.spec.annotations[ANNOTATION.user]);
  const added = (builder.annotation("addedCapabilities") ?? "").split(",").filter((name) => name !== "");
  const effective = isRoot ? [...kept] : capabilityNumbers(added).filter((number) => kept.has(number));
  const low = (numbers: readonly number[]) =>
    numbers.filter((n) => n < 32).reduce((bits, n) => bits + 2 ** n, 0);
  const high = (numbers: readonly number[]) =>
    numbers.filter((n) => n >= 32).reduce((bits, n) => bits + 2 ** (n - 32), 0);
  const inheritable = isRoot ? [] : effective;
  const header: Struct = {
    struct: "cap_user_header",
    fields: { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 },
  };
  const data: Struct = {
    struct: "cap_user_data_pair",
    fields: {
      effective_low: low(effective),
      permitted_low: low(effective),
      inheritable_low: low(inheritable),
      effective_high: high(effective),
      permitted_high: high(effective),
      inheritable_high: high(inheritable),
    },
  };
  return [
    call("capset", [header, data]),
    call("prctl", [PR.PR_CAP_AMBIENT, PR_CAP_AMBIENT.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0]),
    ...inheritable.map((number) =>
      call("prctl", [PR.PR_CAP_AMBIENT, PR_CAP_AMBIENT.PR_CAP_AMBIENT_RAISE, number, 0, 0])
    ),
  ];
}
