/** What a seccomp filter is made from: rules with actions and conditions, by the words of libseccomp and OCI. Pure. */

import { AUDIT_ARCH, SECCOMP_RET, SECCOMP_RET_MASK } from "../../ffi/constants/seccomp.ts";
import type { Arch } from "../../ffi/constants/syscalls.ts";
import { ERRNO } from "../../ffi/constants/errno.ts";
import type { Abi } from "./syscall_numbers.ts";

/**
 * How a rule compares an argument with its value. MASKED_EQ is true if the bits of `value` in the argument are those of
 * `valueTwo`. Source: runtime-spec 1.2, config-linux.md; seccomp_rule_add(3).
 */
export const OPERATORS = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;

export type Operator = typeof OPERATORS[number];

/** A comparison of one argument, of 64 bits without a sign. */
export interface Condition {
  /** Which argument, from 0 to 5. */
  readonly index: number;
  readonly op: Operator;
  readonly value: bigint;
  /** For MASKED_EQ alone; else 0. */
  readonly valueTwo: bigint;
}

/** The word that a filter returns: see {@linkcode SECCOMP_RET}. */
export type Action = number;

/** Says what happens to some calls, if all the conditions are true. */
export interface Rule {
  readonly names: readonly string[];
  readonly action: Action;
  readonly conditions: readonly Condition[];
  /** Where the rule stands, for messages: `syscalls[3]`. */
  readonly where: string;
}

/** The rules that hold for one container on one machine. */
export interface RuleSet {
  /** The machine's own ABI first; calls of others kill the process. */
  readonly abis: readonly Abi[];
  /** What happens to a call without a rule, or whose rules' conditions are false. */
  readonly defaultAction: Action;
  /** In their order: of two for the same call, without conditions, the first one counts. */
  readonly rules: readonly Rule[];
  /** Flags of seccomp(2): `SECCOMP_FILTER_FLAG_LOG` … */
  readonly flags: readonly string[];
}

/** Actions by their names, which OCI has from libseccomp; those of ERRNO and TRACE lack their number. */
export const ACTIONS = {
  SCMP_ACT_KILL: SECCOMP_RET.SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_THREAD: SECCOMP_RET.SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_PROCESS: SECCOMP_RET.SECCOMP_RET_KILL_PROCESS,
  SCMP_ACT_TRAP: SECCOMP_RET.SECCOMP_RET_TRAP,
  SCMP_ACT_ERRNO: SECCOMP_RET.SECCOMP_RET_ERRNO,
  SCMP_ACT_TRACE: SECCOMP_RET.SECCOMP_RET_TRACE,
  SCMP_ACT_ALLOW: SECCOMP_RET.SECCOMP_RET_ALLOW,
  SCMP_ACT_LOG: SECCOMP_RET.SECCOMP_RET_LOG,
  SCMP_ACT_NOTIFY: SECCOMP_RET.SECCOMP_RET_USER_NOTIF,
} as const satisfies Readonly<Record<string, Action>>;

export type ActionName = keyof typeof ACTIONS;

/** The call goes on. */
export const ALLOW: Action = SECCOMP_RET.SECCOMP_RET_ALLOW;

/** The process dies as if by SIGSYS. */
export const KILL_PROCESS: Action = SECCOMP_RET.SECCOMP_RET_KILL_PROCESS;

/** Gives the action that lets a call fail with an errno, up to 4095. */
export function errnoAction(errno: number): Action {
  return SECCOMP_RET.SECCOMP_RET_ERRNO | errno;
}

/** What a call gets that is newer than the rules: programs then use an older one. */
export const NEWER: Action = errnoAction(ERRNO.ENOSYS);

/** An action as two fields: its name, and the number of ERRNO and TRACE. */
export interface ActionParts {
  readonly name: ActionName;
  /** An errno, or the message for a tracer. */
  readonly data?: number;
}

/** Takes an action apart. */
export function splitAction(action: Action): ActionParts {
  const kind = (action & SECCOMP_RET_MASK.SECCOMP_RET_ACTION_FULL) >>> 0;
  // The older name of the same action is left to those who wrote it so.
  const entry = Object.entries(ACTIONS).find(([name, value]) => value === kind && name !== "SCMP_ACT_KILL");
  const name = (entry?.[0] ?? "SCMP_ACT_KILL_PROCESS") as ActionName;
  return takesNumber(name) ? { name, data: action & SECCOMP_RET_MASK.SECCOMP_RET_DATA } : { name };
}

/** Whether `errnoRet` means something beside this action. */
export function takesNumber(name: ActionName): boolean {
  return name === "SCMP_ACT_ERRNO" || name === "SCMP_ACT_TRACE";
}

/** What is known of an ABI. */
export interface AbiFacts {
  readonly scmp: string;
  readonly auditArch: number;
  /** Whether all 64 bits of an argument count; else its lower half, as in libseccomp. */
  readonly isWide: boolean;
}

/** Source: seccomp_arch_add(3). */
export const ABIS: Readonly<Record<Abi, AbiFacts>> = {
  x86_64: { scmp: "SCMP_ARCH_X86_64", auditArch: AUDIT_ARCH.AUDIT_ARCH_X86_64, isWide: true },
  i386: { scmp: "SCMP_ARCH_X86", auditArch: AUDIT_ARCH.AUDIT_ARCH_I386, isWide: false },
  x32: { scmp: "SCMP_ARCH_X32", auditArch: AUDIT_ARCH.AUDIT_ARCH_X86_64, isWide: false },
  aarch64: { scmp: "SCMP_ARCH_AARCH64", auditArch: AUDIT_ARCH.AUDIT_ARCH_AARCH64, isWide: true },
  arm: { scmp: "SCMP_ARCH_ARM", auditArch: AUDIT_ARCH.AUDIT_ARCH_ARM, isWide: false },
};

/** The ABIs that a machine can run, its own first. */
export const MACHINE_ABIS: Readonly<Record<Arch, readonly Abi[]>> = {
  x86_64: ["x86_64", "i386", "x32"],
  aarch64: ["aarch64", "arm"],
};
