/** Rules as the OCI runtime-spec's `linux.seccomp`. Pure. Source: runtime-spec 1.2, config-linux.md, "Seccomp". */

import {
  ABIS,
  type ActionName,
  type Condition,
  type Operator,
  type RuleSet,
  splitAction,
} from "./seccomp_rule.ts";

/** `linux.seccomp`, as config.json holds it. */
export interface OciSeccomp {
  readonly defaultAction: ActionName;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly flags: readonly string[];
  readonly syscalls: readonly OciRule[];
}

/** One entry of `linux.seccomp.syscalls`. */
export interface OciRule {
  readonly names: readonly string[];
  readonly action: ActionName;
  readonly errnoRet?: number;
  readonly args?: readonly OciCondition[];
}

/** One entry of `args`. */
export interface OciCondition {
  readonly index: number;
  readonly value: OciNumber;
  readonly valueTwo?: OciNumber;
  readonly op: Operator;
}

/** A number of 64 bits: one that a double can not hold is a raw JSON text, which JSON.stringify() writes as it is. */
export type OciNumber = number | object;

/** What V8 has and TypeScript does not know yet. Source: ECMA-262, JSON.parse source text access. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): object };

function toNumber(value: bigint): OciNumber {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : rawJSON(String(value));
}

/** Writes rules as `linux.seccomp`; runc makes the same filter of it. */
export function toOciSeccomp({ abis, defaultAction, flags, rules }: RuleSet): OciSeccomp {
  const { name, data } = splitAction(defaultAction);
  return {
    defaultAction: name,
    ...(data === undefined ? {} : { defaultErrnoRet: data }),
    architectures: abis.map((abi) => ABIS[abi].scmp),
    flags,
    syscalls: rules.map(({ names, action, conditions }) => {
      const { name, data } = splitAction(action);
      return {
        names,
        action: name,
        ...(data === undefined ? {} : { errnoRet: data }),
        ...(conditions.length === 0 ? {} : { args: conditions.map(toOciCondition) }),
      };
    }),
  };
}

function toOciCondition({ index, op, value, valueTwo }: Condition): OciCondition {
  const second = op === "SCMP_CMP_MASKED_EQ" ? { valueTwo: toNumber(valueTwo) } : {};
  return { index, value: toNumber(value), ...second, op };
}
