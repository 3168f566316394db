/** The rules of order, descriptors and words, for every golden plan and for plans at random. */

import { deepEqual, equal } from "node:assert/strict";
import { ANNOTATION } from "../../src/spec/types.ts";
import { DESCRIPTOR_RULES } from "./descriptor_rules.ts";
import { EXEC_PLANS } from "./exec_cases.ts";
import { EXEC_RULES } from "./exec_rules.ts";
import { ORDER_RULES } from "./order_rules.ts";
import { PLAN_CASES } from "./plan_cases.ts";
import { ReadPlan } from "./plan_reader.ts";
import { randomCase } from "./random_cases.ts";
import { TEXT_RULES } from "./text_rules.ts";

const SEED_COUNT = 200;

const golden = PLAN_CASES.map((each) => new ReadPlan(each));
const random = Array.from({ length: SEED_COUNT }, (_, seed) => randomCase(seed))
  .map((each) => new ReadPlan(each));

for (const { name, broken, isOfRoot } of [...ORDER_RULES, ...DESCRIPTOR_RULES, ...TEXT_RULES]) {
  const all = isOfRoot ? golden : [...golden, ...EXEC_PLANS];
  for (const [what, plans] of [["golden plans", all], [`plans of ${SEED_COUNT} seeds`, random]] as const) {
    Deno.test(`${what}: ${name}`, () => {
      deepEqual(plans.flatMap((plan) => broken(plan).map((problem) => `${plan.from.name}: ${problem}`)), []);
    });
  }
}

for (const { name, broken } of EXEC_RULES) {
  Deno.test(`golden plans of exec: ${name}`, () => {
    deepEqual(EXEC_PLANS.flatMap((plan) => broken(plan).map((problem) => `${plan.from.name}: ${problem}`)), []);
  });
}

Deno.test("the seeds bring every kind of root with every kind of id map", () => {
  const kinds = random.map(({ from: { spec, host } }) =>
    `${spec.annotations[ANNOTATION.root]} ${host.idMap.kind}`
  );
  equal(new Set(kinds).size, 16);
});
