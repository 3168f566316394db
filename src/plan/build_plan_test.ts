/** Tests of buildPlan(): that it is pure, and what it says of the maps. */

import { deepEqual, equal } from "node:assert/strict";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { buildPlan } from "./build_plan.ts";

const SHELL = [
  { name: "rootless_directory", start: "newuidmap PID 0 1000 1 1 100000 65536; newgidmap PID" },
  { name: "single_id", start: "echo deny >/proc/PID/setgroups; echo 0 1000 1 >/proc/PID/uid_map" },
  { name: "root_directory", start: "echo 0 1900000000 65536 >/proc/PID/uid_map" },
  { name: "root_privileged", start: undefined },
] as const;

for (const { name, start } of SHELL) {
  Deno.test(`buildPlan(): the ids of ${name} are mapped by ${start ?? "nobody"}`, () => {
    const { spec, host } = PLAN_CASES.find((each) => each.name === name)!;
    const mapping = buildPlan(spec, host).operations.find(({ actor }) => actor === "myctr");
    equal(mapping?.shell.slice(0, start?.length), start);
  });
}

Deno.test("buildPlan() gives the same plan for the same specification and host", () => {
  for (const { spec, host } of PLAN_CASES) deepEqual(buildPlan(spec, host), buildPlan(spec, host));
});
