/** Golden files of plans: a difference is a change of what the kernel is asked to do. */

import { deepEqual } from "node:assert/strict";
import { buildPlan } from "../../src/plan/build_plan.ts";
import { renderPlan } from "../../src/plan/render_plan.ts";
import { assertGolden, describeDifference } from "./assert_golden.ts";
import { EXEC_PLANS } from "./exec_cases.ts";
import { PLAN_CASES } from "./plan_cases.ts";

for (const { name, spec, host } of PLAN_CASES) {
  Deno.test(`plan ${name} matches its golden file`, () => {
    assertGolden(new URL(`./${name}.plan`, import.meta.url), renderPlan(buildPlan(spec, host)));
  });
}

for (const { from: { name }, plan } of EXEC_PLANS) {
  Deno.test(`plan ${name} matches its golden file`, () => {
    assertGolden(new URL(`./${name}.plan`, import.meta.url), renderPlan(plan));
  });
}

Deno.test("each golden plan has its case", () => {
  const files = [...Deno.readDirSync(new URL(".", import.meta.url))].map(({ name }) => name);
  const plans = files.filter((name) => name.endsWith(".plan")).sort();
  const names = [...PLAN_CASES, ...EXEC_PLANS.map(({ from }) => from)].map(({ name }) => `${name}.plan`);
  deepEqual(plans, names.sort());
});

const DIFFERENCES = [
  { was: "a\nb\nc\n", is: "a\nB\nc\n", lines: ["line 2:", "  a", "- b", "+ B"] },
  { was: "a\n", is: "a\nb\n", lines: ["line 2:", "  a", "+ b"] },
  { was: "a\na\n", is: "a\n", lines: ["line 2:", "  a", "- a"] },
  { was: "1\n2\n3\n4\n5", is: "1\n2\n3\n4\n6", lines: ["line 5:", "  2", "  3", "  4", "- 5", "+ 6"] },
  { was: "", is: "x\n".repeat(14), lines: ["line 1:", ...Array(12).fill("+ x"), "+ … 2 lines more"] },
] as const;

for (const { was, is, lines } of DIFFERENCES) {
  Deno.test(`describeDifference() of ${JSON.stringify(was)} and ${JSON.stringify(is)}`, () => {
    deepEqual(describeDifference(was, is), lines);
  });
}
