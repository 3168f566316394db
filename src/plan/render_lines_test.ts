import { deepEqual, equal, ok } from "node:assert/strict";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { buildPlan } from "./build_plan.ts";
import { call, type Operation } from "./operation.ts";
import { renderCallLine, renderPlanLines } from "./render_lines.ts";

const OPERATION: Operation = {
  actor: "container",
  label: "mount /proc",
  shell: "mount",
  reason: "Why.",
  man: "mount(2)",
  calls: [],
};

for (const { name, spec, host } of PLAN_CASES) {
  Deno.test(`renderPlanLines() has a line for each step, and numbers all calls: ${name}`, () => {
    const plan = buildPlan(spec, host);
    const steps = renderPlanLines(plan).trimEnd().split("\n").map((line) => JSON.parse(line));
    deepEqual(steps.map(({ step }) => step), plan.operations.map((_, index) => index + 1));
    deepEqual(steps.map(({ label }) => label), plan.operations.map(({ label }) => label));
    const numbers = steps.flatMap(({ calls }) => calls.map((each: { call: number }) => each.call));
    deepEqual(numbers, [...numbers.keys()]);
    ok(steps.every(({ of }) => of === steps.length));
  });
}

const RESULTS = [
  { result: 3, told: { result: 3 } },
  { result: -2, told: { result: -1, errno: "ENOENT" } },
  { result: -5000, told: { result: -5000 } },
] as const;

for (const { result, told } of RESULTS) {
  Deno.test(`renderCallLine() of a call that gave ${result}`, () => {
    const text = renderCallLine({
      operation: OPERATION,
      step: 7,
      number: 9,
      call: call("fchdir", [5]),
      result,
    });
    equal(text.endsWith("}\n"), true);
    const about = {
      step: 7,
      call: 9,
      actor: "container",
      label: "mount /proc",
      name: "fchdir",
      text: "fchdir(5)",
    };
    deepEqual(JSON.parse(text), { ...about, ...told });
  });
}
