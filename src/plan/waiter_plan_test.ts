/** Tests of buildWaiterPlan(): what waits has nothing of the container's, and becomes myctr. */

import { deepEqual, equal } from "node:assert/strict";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { ReadPlan } from "../../tests/golden/plan_reader.ts";
import { TEXT_RULES } from "../../tests/golden/text_rules.ts";
import { FD, PROCESS_1 } from "./descriptors.ts";
import { buildWaiterPlan } from "./waiter_plan.ts";

const FROM = PLAN_CASES[0]!;
const COMMAND = {
  argv: ["myctr", "__start", "c0"],
  env: ["HOME=/home/me"],
  reason: "A program that fails at once is not started again at once.",
};

for (const isOfProcess of [false, true]) {
  const plan = new ReadPlan(FROM, buildWaiterPlan({ ...COMMAND, delayMs: 1500, isOfProcess }));
  const title = `buildWaiterPlan(), ${isOfProcess ? "beside a process" : "alone"}`;
  const calls = plan.steps.map(({ call }) => call);

  Deno.test(`${title}: closes what it was not given`, () => {
    const closed = calls.filter(({ name }) => name === "close_range").flatMap(({ args: [from, to] }) =>
      Object.values({ ...FD, process: PROCESS_1 }).filter((fd) => fd >= Number(from) && fd <= Number(to))
    );
    const kept = [FD.status, FD.executable, ...(isOfProcess ? [PROCESS_1] : [])];
    deepEqual(
      [FD.go, FD.status, FD.exit, FD.lock, FD.executable].filter((fd) => !closed.includes(fd)),
      kept.sort(),
    );
  });

  Deno.test(`${title}: waits once, and then is myctr`, () => {
    const [wait, last] = calls.slice(-2);
    deepEqual([wait!.name, wait!.ends], ["ppoll", isOfProcess ? "unless-zero" : undefined]);
    deepEqual(wait!.args[2], { struct: "timespec", fields: { tv_sec: 1n, tv_nsec: 500_000_000n } });
    deepEqual([last!.name, last!.args[0], last!.args[2]], ["execveat", FD.executable, {
      texts: COMMAND.argv,
    }]);
  });

  for (const { name, broken } of TEXT_RULES) {
    Deno.test(`${title}: ${name}`, () => {
      equal(broken(plan).join("\n"), "");
    });
  }
}
