/** The numbers of system calls as ranges with one decision each. Pure. */

import { X32_SYSCALL_BIT } from "../../ffi/constants/seccomp.ts";
import { decideCalls, type Decision } from "./decide_calls.ts";
import { type ActionName, KILL_PROCESS, NEWER, type RuleSet, splitAction } from "./seccomp_rule.ts";
import { type Abi, OWN_NUMBERS, syscallNumbers } from "./syscall_numbers.ts";

/** From this number on, up to where the next range begins, one decision holds. */
export interface Range {
  readonly first: number;
  readonly decision: Decision;
}

/** What seccomp sees when a tracer wants a call to be skipped: number -1. Source: seccomp(2). */
const SKIPPED = 0xffff_ffff;

/** Under such a default a call that nobody has thought of is not refused, so it is none that is missing. */
const PERMISSIVE: readonly ActionName[] = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"];

/**
 * Lists the ranges for the ABIs that share an architecture in the kernel's eyes: one, or x86_64 and x32.
 *
 * As in runc, a call that is newer than all that the rules name fails with ENOSYS, for programs to use an older one.
 */
export function listRanges(ruleSet: RuleSet, abis: readonly Abi[]): readonly Range[] {
  const ranges = abis.flatMap((abi) => rangesOf(ruleSet, abi));
  if (abis.includes("x86_64") && !abis.includes("x32")) {
    ranges.push({ first: X32_SYSCALL_BIT, decision: KILL_PROCESS });
    ranges.push({ first: SKIPPED, decision: ruleSet.defaultAction });
  }
  return join(ranges);
}

/** Ranges in order; of two that begin at one number the later counts. */
function rangesOf(ruleSet: RuleSet, abi: Abi): Range[] {
  const { defaultAction } = ruleSet;
  const decisions = decideCalls(ruleSet, abi);
  const decided = [...decisions.keys()].toSorted((a, b) => a - b);
  const last = findLast(ruleSet, abi, decided);
  const isOpen = PERMISSIVE.includes(splitAction(defaultAction).name);
  const ranges: Range[] = [{ first: abi === "x32" ? X32_SYSCALL_BIT : 0, decision: defaultAction }];
  const add = (numbers: readonly number[], end: number) => {
    for (const first of numbers) {
      ranges.push({ first, decision: decisions.get(first) ?? defaultAction });
      ranges.push({ first: first + 1, decision: defaultAction });
    }
    if (!isOpen && end >= 0) ranges.push({ first: end + 1, decision: NEWER });
  };
  const firstOwn = OWN_NUMBERS[abi] ?? Infinity;
  add(decided.filter((number) => number < firstOwn), last.common);
  if (last.own < 0) return ranges;
  ranges.push({ first: firstOwn, decision: defaultAction });
  add(decided.filter((number) => number >= firstOwn), last.own);
  return ranges;
}

interface Last {
  readonly common: number;
  readonly own: number;
}

/** Finds the highest numbers that rules are about; -1 where there is none. */
function findLast({ rules }: RuleSet, abi: Abi, decided: readonly number[]): Last {
  const numbers = syscallNumbers(abi);
  const firstOwn = OWN_NUMBERS[abi] ?? Infinity;
  const last = { common: -1, own: -1 };
  const see = (number: number) => {
    const kind = number < firstOwn ? "common" : "own";
    if (number > last[kind]) last[kind] = number;
  };
  for (const number of decided) see(number);
  // Rules with the default action decide nothing, but name calls.
  for (const { names } of rules) {
    for (const name of names) see(numbers.get(name) ?? -1);
  }
  return last;
}

function join(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const [index, range] of ranges.entries()) {
    if (ranges[index + 1]?.first === range.first) continue;
    if (joined.at(-1)?.decision !== range.decision) joined.push(range);
  }
  return joined;
}
