/** What --explain, --fail-step and --pause-step ask of a program. */

import { ERRNO, type ErrnoName, errnoName, errnoText } from "../../ffi/constants/errno.ts";
import { CtrError } from "../errors.ts";
import type { Plan } from "../plan/operation.ts";
import { renderCall } from "../plan/render_call.ts";
import type { RunRequest } from "../spec/request.ts";
import { type EncodeOptions, placedCalls } from "./encode_plan.ts";
import type { Steps } from "./launch.ts";

/** Options for the encoder, and what to do when the program reports. */
export interface Interventions {
  readonly options: EncodeOptions;
  readonly steps: Pick<Steps, "onTrace" | "onPaused">;
}

const encoder = new TextEncoder();

function say(text: string): void {
  Deno.stderr.writeSync(encoder.encode(text));
}

/** Reads the hidden options against the plan. @throws {CtrError} code "usage" for a step that the plan has not */
export function interventions(plan: Plan, request: RunRequest): Interventions {
  const { failStep, pauseStep, explain } = request;
  const options: EncodeOptions = {
    isTraced: explain,
    ...(failStep !== undefined && { fail: parseFail(plan, failStep) }),
    ...(pauseStep !== undefined && { pause: findCall(plan, pauseStep) }),
  };
  return {
    options,
    steps: {
      ...(explain && { onTrace: explainCalls(plan) }),
      onPaused: (call, monitor, pid) =>
        say(`paused call=${call} monitor=${monitor} container=${pid ?? "-"}\n`),
    },
  };
}

function parseFail(plan: Plan, text: string): { call: number; errno: number } {
  const equals = text.lastIndexOf("=");
  const errno = ERRNO[text.slice(equals + 1) as ErrnoName];
  if (equals > 0 && errno !== undefined) return { call: findCall(plan, text.slice(0, equals)), errno };
  throw new CtrError("usage", `Cannot fail step ${JSON.stringify(text)}: the form is STEP=ERRNO`, {
    hint: 'Write for example --fail-step "mount /proc=EPERM"',
  });
}

/** A step is the label of an operation (its first call that can stop the start), or `#N`: a call by number. */
function findCall(plan: Plan, step: string): number {
  const calls = placedCalls(plan);
  const byNumber = /^#(\d+)$/.exec(step);
  const index = byNumber
    ? Number(byNumber[1])
    : calls.findIndex(({ operation, call }) =>
      plan.operations[operation]!.label === step && call.failure !== "ignore"
    );
  if (index >= 0 && index < calls.length) return index;
  throw new CtrError("usage", `Cannot find step ${JSON.stringify(step)}: the plan does not have it`, {
    hint: "Look at the labels that --dry-run prints",
  });
}

/** Prints each operation as it comes, and under it each call with its result. */
function explainCalls(plan: Plan): (call: number, result: number | bigint) => void {
  const calls = placedCalls(plan);
  let last = -1;
  return (number, result) => {
    const placed = calls[number];
    if (placed === undefined) return;
    const { label, reason, actor } = plan.operations[placed.operation]!;
    if (placed.operation !== last) say(`${actor}: ${label}\n    ${reason}\n`);
    last = placed.operation;
    say(`      ${renderCall(placed.call)} = ${renderResult(Number(result))}\n`);
  };
}

function renderResult(result: number): string {
  if (result >= 0 || result < -4095) return String(result);
  return `-1 ${errnoName(-result)} (${errnoText(-result)})`;
}
