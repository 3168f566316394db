/** `myctr run --dry-run`: the plan and nothing else. */

import { renderPlan } from "../plan/render_plan.ts";
import type { RunRequest } from "../spec/request.ts";
import { prepare } from "./prepare.ts";

/** Prepares a run, with no effect, and renders its plan. */
export function dryRun(request: RunRequest): string {
  return renderPlan(prepare(request).plan);
}
