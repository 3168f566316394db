/** `myctr run --dry-run`: the plan and nothing else. */

import { renderPlanLines } from "../plan/render_lines.ts";
import { renderPlan } from "../plan/render_plan.ts";
import type { RunRequest } from "../spec/request.ts";
import { prepare } from "./prepare.ts";

/** Prepares a run, with no effect, and renders its plan. */
export async function dryRun(request: RunRequest): Promise<string> {
  const { plan } = await prepare(request);
  return request.dryRun === "json" ? renderPlanLines(plan) : renderPlan(plan);
}
