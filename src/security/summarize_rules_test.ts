import { equal } from "node:assert/strict";
import { ACTIONS, ALLOW, errnoAction, type Rule, type RuleSet } from "./seccomp_rule.ts";
import { describeUnknownNames, summarizeRules } from "./summarize_rules.ts";

const rule = (names: readonly string[], action: number): Rule => ({
  names,
  action,
  conditions: [],
  where: "",
});

const SET: RuleSet = {
  abis: ["x86_64"],
  defaultAction: errnoAction(1),
  flags: [],
  rules: [
    rule(["read", "write"], ALLOW),
    rule(["clone3"], errnoAction(38)),
    rule(["reboot"], ACTIONS.SCMP_ACT_KILL_PROCESS),
    rule(["mount", "umount2"], ACTIONS.SCMP_ACT_LOG),
    {
      ...rule(["socket"], ALLOW),
      conditions: [{ index: 0, op: "SCMP_CMP_EQ", value: 1n, valueTwo: 0n }],
    },
  ],
};

Deno.test("summarizeRules() counts by what becomes of calls, what is allowed first", () => {
  equal(
    summarizeRules(SET),
    "2 calls allowed, 376 refused with EPERM, 2 logged, 1 by their arguments, 1 end their process, " +
      "1 refused with ENOSYS",
  );
});

const UNKNOWN = [
  { names: ["read", "chown32"], says: undefined },
  { names: ["raed"], says: "unknown here: raed" },
  { names: ["a", "b", "c", "d", "e", "f"], says: "unknown here: a, b, c, d and 2 more" },
] as const;

for (const { names, says } of UNKNOWN) {
  Deno.test(`describeUnknownNames() says ${says} of ${names.join(", ")}`, () => {
    equal(describeUnknownNames({ ...SET, rules: [rule(names, ALLOW)] }), says);
  });
}
