/** `--debug`: the plan and the program of whatever a command starts. */

import { syscallName } from "../../ffi/constants/syscalls.ts";
import { ARCH } from "../../ffi/machine.ts";
import {
  disassemble,
  EVALUATE,
  type Instruction,
  instructionAddress,
} from "../../ffi/program/instruction.ts";
import { renderPlan } from "../plan/render_plan.ts";
import { type EncodedPlan, placedCalls } from "./encode_plan.ts";
import { observeLaunches } from "./observe_launch.ts";

/** Has every plan and program written before it starts. */
export function debugLaunches(write: (text: string) => void): void {
  observeLaunches((encoded) => write(`${renderPlan(encoded.plan)}\n${renderProgram(encoded)}`));
}

/**
 * Renders the instructions of a program, one on a line: address, call, arguments, where errors and a result of 0 go,
 * where the result goes. A line above says which call of the plan begins there.
 */
export function renderProgram({ program, plan, callOf }: EncodedPlan): string {
  const calls = placedCalls(plan);
  const instructions = disassemble(program);
  const size = program.table.length + program.data.length;
  const head =
    `The program: ${instructions.length} instructions, ${size} bytes, ${program.buffersSize} of buffers\n`;
  let last: string | undefined;
  const lines = instructions.map((instruction, index) => {
    const number = callOf.get(index);
    const label = number === undefined ? undefined : plan.operations[calls[number]!.operation]!.label;
    const title = label === undefined || label === last ? "" : `; ${label}\n`;
    last = label ?? last;
    return `${title}${renderInstruction(instruction, index)}\n`;
  });
  return `${head}\n${lines.join("")}`;
}

function renderInstruction({ number, args, onError, onZero, store }: Instruction, index: number): string {
  const name = Number(number) === EVALUATE ? "evaluate" : syscallName(Number(number), ARCH);
  const targets = [["error", onError], ["zero", onZero], ["store", store]] as const;
  const rest = targets.filter(([, to]) => Number(to) !== 0).map(([what, to]) => ` ${what}=${hex(to)}`).join(
    "",
  );
  return `${hex(instructionAddress(index))}  ${name}(${args.map(hex).join(", ")})${rest}`;
}

/** Addresses are hexadecimal, and so are the numbers that are as large. */
function hex(value: number | bigint): string {
  return value >= 0x1000 ? `0x${value.toString(16)}` : String(value);
}
