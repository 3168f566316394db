import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { X32_SYSCALL_BIT } from "../../ffi/constants/seccomp.ts";
import { isNewer, judge } from "../../tests/seccomp/model.ts";
import { Dice, type Kind, LARGE, makeCalls, makeRules } from "../../tests/seccomp/random_rules.ts";
import { Simulator } from "../../tests/seccomp/simulator.ts";
import { compileFilter } from "./compile_filter.ts";
import {
  ABIS,
  type Action,
  ACTIONS,
  ALLOW,
  type Condition,
  errnoAction,
  KILL_PROCESS,
  NEWER,
  type Operator,
  OPERATORS,
  type Rule,
  type RuleSet,
} from "./seccomp_rule.ts";
import { type Abi, syscallNumbers } from "./syscall_numbers.ts";

const REFUSED = errnoAction(1);

function condition(index: number, op: Operator, value: bigint, valueTwo = 0n): Condition {
  return { index, op, value, valueTwo };
}

function rule(name: string, action: Action, ...conditions: readonly Condition[]): Rule {
  return { names: [name], action, conditions, where: `the rule for ${name}` };
}

interface Options {
  readonly abis?: readonly Abi[];
  readonly defaultAction?: Action;
}

function set(rules: readonly Rule[], { abis = ["x86_64"], defaultAction = REFUSED }: Options = {}): RuleSet {
  return { abis, defaultAction, rules, flags: [] };
}

/** Judges one call by a compiled filter. */
function verdict(
  ruleSet: RuleSet,
  number: number | string,
  options: { abi?: Abi; args?: bigint[] } = {},
): Action {
  const { abi = "x86_64", args = [] } = options;
  const found = typeof number === "number" ? number : syscallNumbers(abi).get(number) ?? -1;
  const call = { number: found, auditArch: ABIS[abi].auditArch, args };
  return new Simulator(compileFilter(ruleSet)).run(call);
}

Deno.test("compileFilter() kills the process for an architecture that is not listed", () => {
  const rules = set([rule("read", ALLOW)]);
  equal(verdict(rules, 3, { abi: "i386" }), KILL_PROCESS);
  equal(verdict(rules, 63, { abi: "aarch64" }), KILL_PROCESS);
  equal(verdict(rules, "read", { abi: "x32" }), KILL_PROCESS);
  equal(verdict(rules, "read"), ALLOW);
});

Deno.test("compileFilter() lets a tracer skip a call: number -1", () => {
  equal(verdict(set([rule("read", ALLOW)]), 0xffff_ffff), REFUSED);
});

Deno.test("compileFilter() gives a call that is newer than the rules ENOSYS, for each ABI", () => {
  const abis = ["x86_64", "i386", "x32"] as const;
  const rules = set([rule("read", ALLOW), rule("mseal", ALLOW)], { abis });
  for (const abi of abis) {
    const last = syscallNumbers(abi).get("mseal") ?? 0;
    deepEqual([last - 1, last, last + 1].map((each) => verdict(rules, each, { abi })), [
      REFUSED,
      ALLOW,
      NEWER,
    ]);
  }
});

Deno.test("compileFilter() counts arm's own numbers apart", () => {
  const rules = set([rule("read", ALLOW), rule("set_tls", ALLOW)], { abis: ["aarch64", "arm"] });
  const numbers = [3, 4, 500, 0xf_0000, 0xf_0002, 0xf_0005, 0xf_0006];
  const wanted = [ALLOW, NEWER, NEWER, REFUSED, REFUSED, ALLOW, NEWER];
  deepEqual(numbers.map((each) => verdict(rules, each, { abi: "arm" })), wanted);
});

for (const name of ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"] as const) {
  Deno.test(`compileFilter() treats newer calls like others where the default is ${name}`, () => {
    const defaultAction = ACTIONS[name];
    equal(verdict(set([rule("read", REFUSED)], { defaultAction }), 900), defaultAction);
  });
}

for (const name of Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]) {
  Deno.test(`compileFilter() returns ${name}`, () => {
    equal(verdict(set([rule("read", ACTIONS[name])]), "read"), ACTIONS[name]);
  });
}

Deno.test("compileFilter() works without a rule that fits", () => {
  equal(verdict(set([]), 0), REFUSED);
  equal(verdict(set([rule("no_such_call", ALLOW)]), 0), REFUSED);
});

Deno.test("of two rules without conditions the first counts, and it outdoes those with conditions", () => {
  const isOne = condition(0, "SCMP_CMP_EQ", 1n);
  const rules = set([
    rule("read", ACTIONS.SCMP_ACT_TRAP, isOne),
    rule("read", ALLOW),
    rule("read", errnoAction(5)),
  ]);
  equal(verdict(rules, "read", { args: [1n] }), ALLOW);
});

Deno.test("a rule with the default action is no exception from others", () => {
  const isOne = condition(0, "SCMP_CMP_EQ", 1n);
  equal(verdict(set([rule("read", REFUSED, isOne), rule("read", ALLOW)]), "read", { args: [1n] }), ALLOW);
  equal(verdict(set([rule("read", REFUSED), rule("read", ALLOW)]), "read"), ALLOW);
});

Deno.test("two conditions on one argument are two rules, as in runc", () => {
  const conditions = [condition(0, "SCMP_CMP_EQ", 1n), condition(0, "SCMP_CMP_EQ", 2n)];
  const rules = set([rule("read", ALLOW, ...conditions)]);
  deepEqual([0n, 1n, 2n, 3n].map((each) => verdict(rules, "read", { args: [each] })), [
    REFUSED,
    ALLOW,
    ALLOW,
    REFUSED,
  ]);
});

Deno.test("a rule for socket is one for socketcall too, on 32-bit x86", () => {
  const rules = set(
    [rule("socket", ALLOW, condition(0, "SCMP_CMP_EQ", 2n), condition(1, "SCMP_CMP_EQ", 9n))],
    {
      abis: ["x86_64", "i386"],
    },
  );
  const i386 = (name: string, ...args: bigint[]) => verdict(rules, name, { abi: "i386", args });
  deepEqual([i386("socket", 2n, 9n), i386("socket", 3n, 9n)], [ALLOW, REFUSED]);
  deepEqual([i386("socketcall", 1n, 9n), i386("socketcall", 1n, 8n), i386("socketcall", 2n, 9n)], [
    ALLOW,
    REFUSED,
    REFUSED,
  ]);
});

const CONTRADICTIONS = [
  {
    name: "the same condition",
    rules: [
      rule("ioctl", ALLOW, condition(1, "SCMP_CMP_EQ", 5n)),
      rule("ioctl", ACTIONS.SCMP_ACT_TRAP, condition(1, "SCMP_CMP_EQ", 5n)),
    ],
  },
  {
    name: "a part of the conditions",
    rules: [
      rule("ioctl", ALLOW, condition(0, "SCMP_CMP_EQ", 5n), condition(1, "SCMP_CMP_EQ", 6n)),
      rule("ioctl", ACTIONS.SCMP_ACT_TRAP, condition(0, "SCMP_CMP_EQ", 5n)),
    ],
  },
] as const;

for (const { name, rules } of CONTRADICTIONS) {
  Deno.test(`compileFilter() refuses two actions for ${name}`, () => {
    throws(() => compileFilter(set(rules)), { code: "usage", message: /the rule for ioctl .* for "ioctl"/ });
  });
}

/** All that rules may be, with one action: then the order of rules does not matter, and the model says it all. */
const ANY: Kind = {
  abis: ["x86_64", "i386", "x32"],
  names: ["ioctl", "clone", "socket", "accept", "semop", "mmap", "shutdown", "file_setattr"],
  operators: OPERATORS,
  values: LARGE,
  mostConditions: 3,
  actions: [ALLOW],
  mostRules: 8,
};

for (const { seed, kind } of [{ seed: 1, kind: ANY }, { seed: 2, kind: { ...ANY, mostRules: 120 } }]) {
  Deno.test(`compileFilter() decides as its rules say: up to ${kind.mostRules} random rules, seed ${seed}`, () => {
    const dice = new Dice(seed);
    let longest = 0;
    for (let round = 0; round < 60; round++) {
      const rules = makeRules(dice, kind);
      const simulator = new Simulator(compileFilter(rules));
      longest = Math.max(longest, simulator.length);
      for (const call of makeCalls(dice, rules, 100)) {
        const { abi, number, args } = call;
        equal(simulator.run(call), judge(rules, call), `round ${round}: ${abi} ${number} ${args.join(" ")}`);
      }
    }
    ok(longest > (kind === ANY ? 100 : 900), `the longest filter has ${longest} instructions`);
  });
}

Deno.test("compileFilter() finds each number of a set with many ranges, in few steps", () => {
  const dice = new Dice(3);
  const abis = ["x86_64", "i386", "x32"] as const;
  for (let round = 0; round < 10; round++) {
    const names = [...syscallNumbers("x86_64").keys()].filter(() => dice.roll(2) === 0);
    const rules = set(names.map((name) => rule(name, dice.pick([ALLOW, errnoAction(7)]))), { abis });
    const simulator = new Simulator(compileFilter(rules));
    for (const abi of abis) {
      const base = abi === "x32" ? X32_SYSCALL_BIT : 0;
      const calls = new Map([...syscallNumbers(abi)].map(([name, number]) => [number, name]));
      for (let number = base; number < base + 600; number++) {
        const call = { abi, number, auditArch: ABIS[abi].auditArch, args: [0n] };
        const known = rules.rules.find(({ names }) => names[0] === calls.get(number));
        const wanted = known?.action ?? (isNewer(rules, call) ? NEWER : REFUSED);
        equal(simulator.run(call), wanted, `${abi} ${number} ${calls.get(number)}`);
        const isMultiplexer = abi === "i386" && /^(socketcall|ipc)$/.test(calls.get(number) ?? "");
        ok(simulator.steps < (isMultiplexer ? 50 : 20), `${abi} ${number}: ${simulator.steps} steps`);
      }
    }
  }
});
