/** `myctr run --dry-run`: the plan and nothing else. */

import { renderPlanLines } from "../plan/render_lines.ts";
import { renderPlan } from "../plan/render_plan.ts";
import type { RunRequest } from "../spec/request.ts";
import { prepare } from "./prepare.ts";

/** Prepares a run, with no effect, and renders its plan. */
export function dryRun(request: RunRequest): string {
  const { plan } = prepare(request);
  return request.dryRun === "json" ? renderPlanLines(plan) : renderPlan(plan);
}
