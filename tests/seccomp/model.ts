/** What rules say about a call, worked out in the most obvious way: for rules that have one action besides the default. */

import {
  ABIS,
  type Action,
  type Condition,
  NEWER,
  type Rule,
  type RuleSet,
  splitAction,
} from "../../src/security/seccomp_rule.ts";
import { type Abi, OWN_NUMBERS, syscallNumbers } from "../../src/security/syscall_numbers.ts";
import type { Call } from "./simulator.ts";

/** A call of an ABI. */
export interface AbiCall extends Call {
  readonly abi: Abi;
}

/** socketcall(2), ipc(2): which first argument stands for which call. Source: include/uapi/linux/net.h, ipc.h. */
const STANDS_FOR: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  socketcall: { socket: 1n, bind: 2n, connect: 3n, listen: 4n, accept: 5n, shutdown: 13n, accept4: 18n },
  ipc: { semop: 1n, semget: 2n, semtimedop: 4n, msgsnd: 11n, shmat: 21n, shmctl: 24n },
};

/** Gives the verdict of a rule set. */
export function judge(ruleSet: RuleSet, call: AbiCall): Action {
  const rule = ruleSet.rules.find((each) => each.action !== ruleSet.defaultAction && isAbout(each, call));
  if (rule !== undefined) return rule.action;
  return isNewer(ruleSet, call) ? NEWER : ruleSet.defaultAction;
}

function isAbout({ names, conditions }: Rule, call: AbiCall): boolean {
  const indexes = new Set(conditions.map(({ index }) => index));
  const isSplit = indexes.size < conditions.length;
  const hold = (some: readonly Condition[]) =>
    isSplit ? some.some((each) => holds(each, call)) : some.every((each) => holds(each, call));
  return names.some((name) => {
    if (syscallNumbers(call.abi).get(name) === call.number) return hold(conditions);
    const which = standsFor(name, call);
    return which !== undefined && (call.args[0] ?? 0n) % 2n ** 32n === which &&
      (isSplit || hold(conditions.filter(({ index }) => index !== 0)));
  });
}

function standsFor(name: string, { abi, number }: AbiCall): bigint | undefined {
  if (abi !== "i386") return undefined;
  const found = Object.entries(STANDS_FOR).find(([multiplexer]) =>
    syscallNumbers("i386").get(multiplexer) === number
  );
  return found?.[1][name];
}

/** Whether a number lies beyond all that rules are about; the ABI's own numbers, far above the others, count apart. */
export function isNewer({ rules, defaultAction }: RuleSet, { abi, number }: AbiCall): boolean {
  if (/ALLOW|LOG|TRACE/.test(splitAction(defaultAction).name)) return false;
  const isOwn = (each: number) => each >= (OWN_NUMBERS[abi] ?? Infinity);
  const multiplexers = abi === "i386" ? Object.entries(STANDS_FOR) : [];
  const named = rules.flatMap(({ names, action }) =>
    names.flatMap((name) => [
      name,
      ...multiplexers.flatMap(([each, calls]) => name in calls && action !== defaultAction ? [each] : []),
    ])
  ).flatMap((name) => syscallNumbers(abi).get(name) ?? []);
  const alike = named.filter((each) => isOwn(each) === isOwn(number));
  if (alike.length > 0) return number > Math.max(...alike);
  return isOwn(number) && named.length > 0;
}

/** Whether a condition holds. */
function holds({ index, op, value, valueTwo }: Condition, { abi, args }: AbiCall): boolean {
  const width = ABIS[abi].isWide ? 64 : 32;
  const [a, b, c] = [args[index] ?? 0n, value, valueTwo].map((each) => BigInt.asUintN(width, each));
  if (a === undefined || b === undefined || c === undefined) return false;
  switch (op) {
    case "SCMP_CMP_NE":
      return a !== b;
    case "SCMP_CMP_LT":
      return a < b;
    case "SCMP_CMP_LE":
      return a <= b;
    case "SCMP_CMP_EQ":
      return a === b;
    case "SCMP_CMP_GE":
      return a >= b;
    case "SCMP_CMP_GT":
      return a > b;
    case "SCMP_CMP_MASKED_EQ":
      return (a & b) === (b & c);
  }
}
