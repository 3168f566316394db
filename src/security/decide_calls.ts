/**
 * What becomes of each system call of an ABI under a set of rules, as runc with libseccomp has it. Pure.
 *
 * Source: seccomp_rule_add(3); runc's libcontainer/seccomp for what it adds to that.
 */

import { CtrError } from "../errors.ts";
import { buildTests, Contradiction, insertTest, type Level, type Test } from "./argument_tests.ts";
import { ABIS, type Action, type Condition, type Rule, type RuleSet } from "./seccomp_rule.ts";
import { type Abi, syscallNumbers } from "./syscall_numbers.ts";

/** A verdict, or tests that lead to one; where none does, the rules' default action counts. */
export type Decision = Action | Level;

/**
 * 32-bit x86 has calls that stand for others: their first argument says which. A rule for `socket` means
 * `socketcall(1, …)` as well, but the other conditions then meet a pointer. Source: include/uapi/linux/net.h, ipc.h.
 */
const MULTIPLEXERS = [
  {
    name: "socketcall",
    first: 1,
    calls: "socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom" +
      " shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg",
  },
  { name: "ipc", first: 1, calls: "semop semget semctl semtimedop" },
  { name: "ipc", first: 11, calls: "msgsnd msgrcv msgget msgctl" },
  { name: "ipc", first: 21, calls: "shmat shmdt shmget shmctl" },
] as const;

/** What a call is on 32-bit x86, besides itself. */
interface Multiplexed {
  readonly name: string;
  /** The first argument that stands for the call. */
  readonly which: bigint;
}

let multiplexed: ReadonlyMap<string, Multiplexed> | undefined;

function findMultiplexed(name: string): Multiplexed | undefined {
  multiplexed ??= new Map(
    MULTIPLEXERS.flatMap(({ name, first, calls }) =>
      calls.split(" ").map((call, index): [string, Multiplexed] => [
        call,
        { name, which: BigInt(first + index) },
      ])
    ),
  );
  return multiplexed.get(name);
}

/** Decides all calls that a rule names; a call that has no number here is left out. */
export function decideCalls({ rules, defaultAction }: RuleSet, abi: Abi): Map<number, Decision> {
  const decisions = new Map<number, Decision>();
  const context = { decisions, numbers: syscallNumbers(abi), abi };
  for (const rule of rules) {
    // As in runc: such a rule is no exception, not even to a later rule.
    if (rule.action === defaultAction) continue;
    for (const conditions of splitConditions(rule.conditions)) {
      const part = { ...rule, conditions };
      for (const name of rule.names) decide(context, name, part);
    }
  }
  return decisions;
}

/** As in runc: where two conditions are about one argument, each of them is a rule of its own. */
function splitConditions(conditions: readonly Condition[]): readonly (readonly Condition[])[] {
  if (conditions.length < 2) return [conditions];
  const indexes = new Set(conditions.map(({ index }) => index));
  return indexes.size === conditions.length ? [conditions] : conditions.map((each) => [each]);
}

interface Context {
  readonly decisions: Map<number, Decision>;
  readonly numbers: ReadonlyMap<string, number>;
  readonly abi: Abi;
}

function decide(context: Context, name: string, rule: Rule): void {
  const { decisions, numbers, abi } = context;
  const multiplexed = abi === "i386" ? findMultiplexed(name) : undefined;
  if (multiplexed !== undefined) {
    const which: Condition = { index: 0, op: "SCMP_CMP_EQ", value: multiplexed.which, valueTwo: 0n };
    const conditions = [which, ...rule.conditions.filter(({ index }) => index !== 0)];
    decide(context, multiplexed.name, { ...rule, conditions });
  }
  const number = numbers.get(name);
  if (number === undefined) return;
  const before = decisions.get(number);
  // What holds without conditions is not changed by a later rule.
  if (typeof before === "number") return;
  const tests = rule.conditions.length === 0
    ? rule.action
    : buildTests(rule.conditions, rule.action, ABIS[abi]);
  if (typeof tests === "number") decisions.set(number, tests);
  else if (before === undefined) decisions.set(number, [tests]);
  else insert(before, tests, { name, where: rule.where });
}

function insert(level: Level, tests: Test, { name, where }: { name: string; where: string }): void {
  try {
    insertTest(level, tests);
  } catch (error) {
    if (!(error instanceof Contradiction)) throw error;
    throw new CtrError(
      "usage",
      `Cannot use ${where} of the seccomp profile for "${name}": a rule before it has another action for the same arguments`,
      { hint: "Leave one of the two rules out, or change its conditions" },
    );
  }
}
