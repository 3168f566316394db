/** What --explain, --fail-step and --pause-step ask of a program. */

import { ERRNO, type ErrnoName } from "../../ffi/constants/errno.ts";
import { CtrError } from "../errors.ts";
import type { Plan } from "../plan/operation.ts";
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

/** The options that ask for it. */
export type Asked = Pick<RunRequest, "failStep" | "pauseStep" | "explain">;

/** Reads the hidden options against the plan. @throws {CtrError} code "usage" for a step that the plan has not */
export async function interventions(plan: Plan, asked: Asked): Promise<Interventions> {
  const { failStep, pauseStep, explain } = asked;
  const options: EncodeOptions = {
    isTraced: explain !== false,
    ...(failStep !== undefined && { fail: parseFail(plan, failStep) }),
    ...(pauseStep !== undefined && { pause: findCall(plan, pauseStep) }),
  };
  return {
    options,
    steps: {
      ...(explain !== false && { onTrace: await explained(plan, explain) }),
      onPaused: (call, monitor, pid) =>
        say(`paused call=${call} monitor=${monitor} container=${pid ?? "-"}\n`),
    },
  };
}

async function explained(plan: Plan, format: true | "json"): Promise<NonNullable<Steps["onTrace"]>> {
  const { explainCalls } = await import("./explain_calls.ts");
  return explainCalls(plan, { format, say });
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
