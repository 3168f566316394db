import { equal, match, ok } from "node:assert/strict";
import { PLAN_CASES } from "../../tests/golden/plan_cases.ts";
import { disassemble } from "../../ffi/program/instruction.ts";
import { buildPlan } from "../plan/build_plan.ts";
import { debugLaunches, renderProgram } from "./debug_launches.ts";
import { encodePlan } from "./encode_plan.ts";
import { tellLaunch } from "./observe_launch.ts";

const [{ spec, host }] = PLAN_CASES as readonly [typeof PLAN_CASES[number]];
const ENCODED = encodePlan(buildPlan(spec, host));

Deno.test("renderProgram() has a line for each instruction, and the step above its first one", () => {
  const text = renderProgram(ENCODED);
  const lines = text.split("\n").filter((line) => line.startsWith("0x"));
  equal(lines.length, disassemble(ENCODED.program).length);
  match(text, /\n; create the namespaces\n0x[0-9a-f]+ {2}clone3\(0x[0-9a-f]+, 88, 0, 0, 0, 0\) error=0x/);
  match(text, /\n0x800020 {2}evaluate\(0x800010, 0, 0x800010, 0, 0, 0\) zero=0x/);
  match(text, /\n0x[0-9a-f]+ {2}close_range\(8, 0xffffffff, 0, 0, 0, 0\) error=0x/);
  ok(text.includes("  evaluate("));
});

Deno.test("debugLaunches() writes plan and program of each launch", () => {
  let written = "";
  debugLaunches((text) => written += text);
  tellLaunch(ENCODED);
  match(written, /^The monitor: [^]*\nThe program: \d+ instructions/);
});
