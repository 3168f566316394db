/** Tests of buildOwnPlan(): myctr's own file runs in a user namespace, and in no other (CVE-2019-5736). */

import { deepEqual, equal } from "node:assert/strict";
import { CLONE } from "../../ffi/constants/clone.ts";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { DESCRIPTOR_RULES } from "../../tests/golden/descriptor_rules.ts";
import { fieldOf, ReadPlan } from "../../tests/golden/plan_reader.ts";
import { TEXT_RULES } from "../../tests/golden/text_rules.ts";
import { buildOwnPlan } from "./own_plan.ts";

const FROM = PLAN_CASES[0]!;
const COMMAND = {
  argv: ["myctr", "__sweep"],
  env: ["HOME=/home/me"],
  label: "run myctr's sweep",
  reason: "Root of this namespace may remove what the ids mapped into it own.",
};
const sweep = new ReadPlan(FROM, buildOwnPlan(FROM.host, COMMAND));

Deno.test("buildOwnPlan() makes one new process, in a user namespace and no other", () => {
  const clones = sweep.steps.map(({ call }) => call).filter(({ name }) => name === "clone3");
  deepEqual(clones.map(({ args }) => fieldOf(args[0], "flags")), [CLONE.CLONE_NEWUSER]);
});

Deno.test("buildOwnPlan() mounts nothing and has no streams of its own", () => {
  const names = new Set(sweep.steps.map(({ call }) => call.name));
  deepEqual(["mount", "move_mount", "pivot_root", "fsopen"].filter((name) => names.has(name as "mount")), []);
  deepEqual(sweep.processes, ["monitor", "container"]);
});

Deno.test("buildOwnPlan() ends in myctr's own file, by its descriptor", () => {
  const last = sweep.container.at(-1)!;
  deepEqual([last.name, last.failure, last.args[2]], ["execveat", "attempt", { texts: COMMAND.argv }]);
});

for (
  const { name, broken } of [...DESCRIPTOR_RULES, ...TEXT_RULES].filter(({ name }) => !/stage/.test(name))
) {
  Deno.test(`buildOwnPlan(): ${name}`, () => {
    equal(broken(sweep).join("\n"), "");
  });
}
