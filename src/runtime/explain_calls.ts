/** `--explain`: says each call of monitor and container as it is made. Loaded only where that is asked for. */

import { errnoName, errnoText } from "../../ffi/constants/errno.ts";
import type { Plan } from "../plan/operation.ts";
import { renderCall } from "../plan/render_call.ts";
import { renderCallLine } from "../plan/render_lines.ts";
import { placedCalls } from "./encode_plan.ts";
import type { Steps } from "./launch.ts";

/** Writes to standard error. */
type Say = (text: string) => void;

/** Prints each operation as it comes, and under it each call with its result; or each call as JSON on a line. */
export function explainCalls(
  plan: Plan,
  { format, say }: { readonly format: true | "json"; readonly say: Say },
): NonNullable<Steps["onTrace"]> {
  const calls = placedCalls(plan);
  let last = -1;
  return (number, value) => {
    const placed = calls[number];
    if (placed === undefined) return;
    const operation = plan.operations[placed.operation]!;
    const { label, reason, actor } = operation;
    const { call } = placed;
    const result = Number(value);
    if (format === "json") {
      return say(renderCallLine({ operation, step: placed.operation + 1, number, call, result }));
    }
    if (placed.operation !== last) say(`${actor}: ${label}\n    ${reason}\n`);
    last = placed.operation;
    say(`      ${renderCall(call)} = ${renderResult(result)}\n`);
  };
}

function renderResult(result: number): string {
  if (result >= 0 || result < -4095) return String(result);
  return `-1 ${errnoName(-result)} (${errnoText(-result)})`;
}
