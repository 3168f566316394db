/**
 * The default profile as rules: the groups of default_calls.ts, and the few calls whose arguments decide. Pure.
 *
 * A word such as an address family has 32 bits for the kernel, but an argument has 64: only MASKED_EQ sees what the
 * kernel will see. By a plain comparison, 0x100000026 is another family than AF_ALG, 0x26, and gets through.
 */

import { CLONE } from "../../ffi/constants/clone.ts";
import { ERRNO } from "../../ffi/constants/errno.ts";
import type { Arch } from "../../ffi/constants/syscalls.ts";
import { CALL_GROUPS } from "./default_calls.ts";
import {
  type Action,
  ALLOW,
  type Condition,
  errnoAction,
  MACHINE_ABIS,
  type Rule,
  type RuleSet,
} from "./seccomp_rule.ts";

/** A rule for the calls of a group. */
export interface ArgumentRule {
  readonly action: Action;
  readonly conditions: readonly Condition[];
}

/** Calls whose arguments decide, unless a capability allows all of it. */
export interface ArgumentGroup {
  readonly title: string;
  readonly reason: string;
  readonly call: string;
  /** One of these in the bounding set opens the group. */
  readonly openers: readonly string[];
  readonly closed: readonly ArgumentRule[];
  readonly open: readonly ArgumentRule[];
}

const WORD = 0xffff_ffffn;

/** True if the bits of `mask` in the lower half of an argument are those of `value`. */
function bits(index: number, mask: bigint, value: bigint): Condition {
  return { index, op: "SCMP_CMP_MASKED_EQ", value: mask, valueTwo: value };
}

function allowIf(...conditions: readonly Condition[]): ArgumentRule {
  return { action: ALLOW, conditions };
}

const ALWAYS: readonly ArgumentRule[] = [allowIf()];

const NEW_NAMESPACES = BigInt(
  CLONE.CLONE_NEWNS | CLONE.CLONE_NEWCGROUP | CLONE.CLONE_NEWUTS | CLONE.CLONE_NEWIPC | CLONE.CLONE_NEWUSER |
    CLONE.CLONE_NEWPID | CLONE.CLONE_NEWNET,
);

/**
 * Address families up to 63 without 38, AF_ALG, and 40, AF_VSOCK, and without 16, AF_NETLINK: blocks of a power of two.
 * Linux has 46. Source: include/linux/socket.h.
 */
const FAMILIES = [
  { first: 0n, size: 16n },
  { first: 17n, size: 1n },
  { first: 18n, size: 2n },
  { first: 20n, size: 4n },
  { first: 24n, size: 8n },
  { first: 32n, size: 4n },
  { first: 36n, size: 2n },
  { first: 39n, size: 1n },
  { first: 41n, size: 1n },
  { first: 42n, size: 2n },
  { first: 44n, size: 4n },
  { first: 48n, size: 16n },
].map(({ first, size }) => allowIf(bits(0, WORD - size + 1n, first)));

const NETLINK = bits(0, WORD, 16n);

/** NETLINK_AUDIT. Source: include/uapi/linux/netlink.h. */
const AUDIT = 9n;

/** PER_LINUX32 and UNAME26: see personality(2). */
const HARMLESS_PERSONALITY = 0x20008n;

/** All groups that look at arguments. */
export const ARGUMENT_GROUPS: readonly ArgumentGroup[] = [
  {
    title: "new processes and threads",
    reason: "Without new namespaces: they reach much code of the kernel (CVE-2022-0185)",
    call: "clone",
    openers: ["CAP_SYS_ADMIN"],
    closed: [allowIf(bits(0, NEW_NAMESPACES, 0n))],
    open: ALWAYS,
  },
  {
    title: "new processes, the newer way",
    reason: "Its flags lie in memory, where no filter sees them; C libraries then use clone",
    call: "clone3",
    openers: ["CAP_SYS_ADMIN"],
    closed: [{ action: errnoAction(ERRNO.ENOSYS), conditions: [] }],
    open: ALWAYS,
  },
  {
    title: "new sockets",
    reason:
      "Without AF_ALG (CVE-2026-31431) and AF_VSOCK, which reaches the host around the container's network; " +
      "audit messages need CAP_AUDIT_WRITE, and sudo or sshd take EINVAL for a kernel without them",
    call: "socket",
    openers: ["CAP_AUDIT_WRITE"],
    closed: [
      ...FAMILIES,
      allowIf(NETLINK, { index: 2, op: "SCMP_CMP_NE", value: AUDIT, valueTwo: 0n }),
      {
        action: errnoAction(ERRNO.EINVAL),
        conditions: [NETLINK, { index: 2, op: "SCMP_CMP_EQ", value: AUDIT, valueTwo: 0n }],
      },
    ],
    open: [...FAMILIES, allowIf(NETLINK)],
  },
  {
    title: "personalities",
    reason:
      "Linux and 32-bit Linux, with the kernel's old version number or not; others turn protections off",
    call: "personality",
    openers: [],
    closed: [allowIf(bits(0, WORD - HARMLESS_PERSONALITY, 0n)), allowIf(bits(0, WORD, WORD))],
    open: [],
  },
];

/** Capabilities that change what the default profile allows. */
export const OPENERS: readonly string[] = [
  ...new Set([
    ...CALL_GROUPS.flatMap(({ verdict }) => typeof verdict === "string" ? [] : verdict),
    ...ARGUMENT_GROUPS.flatMap(({ openers }) => openers),
  ]),
].toSorted();

/** Gives the default profile's rules for a container with these capabilities in its bounding set. */
export function defaultRules(arch: Arch, capabilities: readonly string[]): RuleSet {
  const isOpen = (openers: readonly string[]) => openers.some((each) => capabilities.includes(each));
  const plain = CALL_GROUPS.filter(({ verdict }) =>
    verdict === "allowed" || typeof verdict !== "string" && isOpen(verdict)
  );
  const rules: Rule[] = plain.map(({ title, calls }) => ({
    names: splitNames(calls),
    action: ALLOW,
    conditions: [],
    where: title,
  }));
  for (const { title, call, openers, open, closed } of ARGUMENT_GROUPS) {
    const chosen = isOpen(openers) ? open : closed;
    rules.push(...chosen.map((rule) => ({ names: [call], where: title, ...rule })));
  }
  return { abis: MACHINE_ABIS[arch], defaultAction: REFUSED, rules, flags: DEFAULT_FLAGS };
}

const REFUSED = errnoAction(ERRNO.EPERM);

/** Splits a group's names. */
export function splitNames(calls: string): readonly string[] {
  return calls.trim().split(/\s+/);
}

/**
 * As runc: mitigations against speculation are the program's own choice. Since Linux 5.16 that is so anyhow.
 * Source: include/uapi/linux/seccomp.h.
 */
export const DEFAULT_FLAGS: readonly string[] = ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
