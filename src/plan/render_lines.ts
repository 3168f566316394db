/** Renders a plan and its calls for programs: one JSON object on a line. The schema: docs/json.md. Pure. */

import { errnoName } from "../../ffi/constants/errno.ts";
import type { Call, Operation, Plan } from "./operation.ts";
import { renderCall } from "./render_call.ts";

/** Renders every operation on a line of its own: `run --dry-run=json`. */
export function renderPlanLines(plan: Plan): string {
  let number = 0;
  return plan.operations.map((operation, index) => {
    const { actor, label, reason, shell, man, action, calls } = operation;
    const first = number;
    number += calls.length;
    return line({
      step: index + 1,
      of: plan.operations.length,
      actor,
      label,
      reason,
      shell,
      man,
      ...(action === undefined ? {} : { action }),
      calls: calls.map((call, at) => ({
        call: first + at,
        name: call.name,
        text: renderCall(call),
        onFailure: call.failure,
      })),
    });
  }).join("");
}

/** A call that was made, and what came of it. */
export interface MadeCall {
  readonly operation: Operation;
  /** Of the operation: 1 is the first. */
  readonly step: number;
  readonly number: number;
  readonly call: Call;
  readonly result: number;
}

/** Renders a call on a line: `run --explain=json`. */
export function renderCallLine(
  { operation: { actor, label }, step, number, call, result }: MadeCall,
): string {
  const hasFailed = result < 0 && result >= -4095;
  return line({
    step,
    call: number,
    actor,
    label,
    name: call.name,
    text: renderCall(call),
    result: hasFailed ? -1 : result,
    ...(hasFailed ? { errno: errnoName(-result) } : {}),
  });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
