/** Reads plans as tests ask about them: the calls of one process, and what a call takes and gives. */

import { CLONE } from "../../ffi/constants/clone.ts";
import { buildPlan } from "../../src/plan/build_plan.ts";
import type { Actor, Argument, Call, Operation, Plan, Slot, Struct } from "../../src/plan/operation.ts";
import type { PlanCase } from "./plan_cases.ts";

/** The processes of a kernel program. */
export const PROCESSES = [
  "monitor",
  "visitor",
  "joiner",
  "container",
  "command",
  "stdin relay",
  "stdout relay",
  "stderr relay",
  "door",
  "guard",
] as const;
export type Process = typeof PROCESSES[number];

/** A call with its place in the plan. */
export interface Step {
  readonly actor: Actor;
  readonly operation: Operation;
  readonly call: Call;
}

/** A case with its plan, each process's calls in order. */
export class ReadPlan {
  readonly from: PlanCase;
  readonly plan: Plan;
  /** Every call, in the plan's order. */
  readonly steps: readonly Step[];

  constructor(from: PlanCase, plan = buildPlan(from.spec, from.host)) {
    this.from = from;
    this.plan = plan;
    this.steps = this.plan.operations.flatMap((operation) =>
      operation.calls.map((call) => ({ actor: operation.actor, operation, call }))
    );
  }

  /** The calls that one process makes, in order; none for a relay that this plan has not. */
  of(process: Process): readonly Call[] {
    return this.steps.filter(({ actor }) => actor === process).map(({ call }) => call);
  }

  /** The calls up to the command: those of the process that becomes it, and of the one that it comes from. */
  get container(): readonly Call[] {
    const own = this.of("container");
    const clone = own.findIndex(({ starts }) => starts === "command");
    return clone < 0 ? own : [...own.slice(0, clone + 1), ...this.of("command")];
  }

  /** The processes that the plan has. */
  get processes(): readonly Process[] {
    return PROCESSES.filter((process) => this.of(process).length > 0);
  }

  /** Who clones a process. */
  parentOf(process: Process): Process {
    if (process === "command") return "container";
    return process === "container" && this.of("joiner").length > 0 ? "joiner" : "monitor";
  }

  /** The names that are known after a call: what it starts gives its own too, where it is waited for and shares the memory. */
  namesAfter(call: Call): readonly string[] {
    const sharesMemory = call.starts !== undefined && has(fieldOf(call.args[0], "flags"), CLONE.CLONE_VFORK);
    return [...namesGiven(call), ...(sharesMemory ? this.of(call.starts as Process).flatMap(namesGiven) : [])];
  }

  /** What a process is born with: what its parent knew before the clone, and that one's parent. */
  before(process: Process): readonly Call[] {
    const clone = this.steps.findIndex(({ call }) => call.starts === process);
    const parent = this.steps[clone]?.actor as Process | undefined;
    if (parent === undefined) return [];
    const own = this.steps.slice(0, clone).filter(({ actor }) => actor === parent).map(({ call }) => call);
    return [...this.before(parent), ...own];
  }
}

/** Gives the index of the last call that fits, -1 where none does. */
export function lastIndex(calls: readonly Call[], fits: (call: Call) => boolean): number {
  return calls.findLastIndex(fits);
}

/** Whether a call has that name, and those arguments from the first on; undefined stands for any. */
export function isCall(call: Call, name: string, ...args: readonly (Argument | undefined)[]): boolean {
  return call.name === name &&
    args.every((wanted, index) => wanted === undefined || wanted === call.args[index]);
}

function isSlot(argument: unknown): argument is Slot {
  return typeof argument === "object" && argument !== null && "slot" in argument;
}

function isStruct(argument: Argument): argument is Struct {
  return typeof argument === "object" && argument !== null && "struct" in argument;
}

/** The name of the earlier result that an argument is. */
export function slotOf(argument: Argument | undefined): string | undefined {
  return isSlot(argument) ? argument.slot : undefined;
}

/** A field of the structure that an argument is; 0 where it has none. */
export function fieldOf(argument: Argument | undefined, name: string): bigint {
  if (argument === undefined || !isStruct(argument)) return 0n;
  const field = argument.fields[name] ?? 0n;
  return typeof field === "object" ? 0n : BigInt(field);
}

/** Whether a word has all these bits. */
export function has(word: Argument | undefined, bits: number | bigint): boolean {
  if (typeof word !== "number" && typeof word !== "bigint") return false;
  return (BigInt(word) & BigInt(bits)) === BigInt(bits);
}

/** Words of a relay's loop that are its own: how much was read, how long its frame is, how long the log. */
const OWN_OF_LOOP = /\.(count|length|size)$/;

/** The names of earlier results that a call takes, but for those that are a loop's own. */
export function namesTaken(call: Call): readonly string[] {
  return call.args.flatMap((argument) => {
    const fields = isStruct(argument as Argument) ? Object.values((argument as Struct).fields) : [argument];
    return fields.filter(isSlot).map(({ slot }) => slot).filter((name) =>
      call.loop === undefined || !OWN_OF_LOOP.test(name)
    );
  });
}

/** The names that a call gives to results. */
export function namesGiven(call: Call): readonly string[] {
  const slots = call.args.flatMap((argument) =>
    typeof argument !== "object" || argument === null
      ? []
      : "out" in argument
      ? argument.slots ?? []
      : "passage" in argument && argument.isReceived && isSlot(argument.descriptor)
      ? [argument.descriptor.slot]
      : []
  );
  return [...(call.result === undefined ? [] : [call.result]), ...slots];
}

/** The call of that list which gave the name. */
export function giverOf(calls: readonly Call[], name: string | undefined): Call | undefined {
  return calls.find((call) => name !== undefined && namesGiven(call).includes(name));
}
