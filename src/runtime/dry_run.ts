/** `--dry-run` of run and exec: the plan and nothing else. */

import type { Plan } from "../plan/operation.ts";
import { renderPlanLines } from "../plan/render_lines.ts";
import { renderPlan } from "../plan/render_plan.ts";
import type { RunRequest } from "../spec/request.ts";
import type { ExecRequest } from "../spec/exec_spec.ts";
import { planExec } from "./exec.ts";
import { prepare } from "./prepare.ts";

/** Prepares a run, with no effect, and renders its plan. */
export async function dryRun(request: RunRequest): Promise<string> {
  const { plan } = await prepare(request);
  return rendered(plan, request.dryRun);
}

/** The same for a command in a container that runs. */
export async function dryRunExec(request: ExecRequest): Promise<string> {
  return rendered(await planExec(request), request.dryRun);
}

function rendered(plan: Plan, format: RunRequest["dryRun"]): string {
  return format === "json" ? renderPlanLines(plan) : renderPlan(plan);
}
