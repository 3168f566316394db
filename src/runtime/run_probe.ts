/** Runs a plan of `plan/probe_plan.ts` and tells how each of its steps went. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { openPipe, read } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { type Outcome, success } from "../../ffi/outcome.ts";
import { waitPid } from "../../ffi/process.ts";
import { takeWord } from "../../ffi/program/instruction.ts";
import { FD } from "../plan/descriptors.ts";
import type { Plan } from "../plan/operation.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import { encodePlan, placedCalls } from "./encode_plan.ts";
import { startProgram } from "./start_program.ts";

/** How a step went: the first of its calls that failed, or none. */
export type Tried = { readonly isDone: true } | {
  readonly isDone: false;
  readonly call: string;
  readonly errno: string;
};

/** The steps by label; one that was not reached is absent. */
export type TriedSteps = ReadonlyMap<string, Tried>;

export interface ProbeSettings {
  /** Where the program is kept if a memfd may not be executed. */
  readonly directory: string;
  /** Called with the pid of the new process, which waits as long as this takes. */
  readonly onPid?: (pid: number) => void;
}

/** Runs the plan to its end; fails where not even a program can be started. */
export function runProbe(plan: Plan, settings: ProbeSettings): Outcome<TriedSteps> {
  using stack = new DisposableStack();
  const [go, status] = [openPipe(), openPipe()];
  if (!go.ok) return go;
  stack.use(go.value);
  if (!status.ok) return status;
  stack.use(status.value);
  const encoded = encodePlan(plan, { isTraced: true });
  const started = startProgram(encoded, {
    title: "myctr: probe",
    directory: settings.directory,
    descriptors: [[go.value.reader.number, FD.go], [status.value.writer.number, FD.status]],
  });
  if (!started.ok) return started;
  status.value.writer[Symbol.dispose]();
  const steps = follow(plan, status.value.reader, (pid) => {
    if (pid > 0) settings.onPid?.(pid);
    go.value.writer[Symbol.dispose]();
  });
  waitPid(started.value);
  return success(steps);
}

/** Reads records to the end: all processes of the program have closed their pipe then. */
function follow(plan: Plan, status: Fd, onPid: (pid: number) => void): TriedSteps {
  const calls = placedCalls(plan);
  const steps = new Map<string, Tried>();
  for (let record = readRecord(status); record !== undefined; record = readRecord(status)) {
    const placed = calls[record.tag - RECORD.trace];
    if (placed === undefined) continue;
    const { label } = plan.operations[placed.operation]!;
    const hasFailed = record.value < 0 && record.value >= -4095;
    if (placed.call.starts !== undefined) onPid(record.value);
    if (steps.get(label)?.isDone === false) continue;
    steps.set(
      label,
      hasFailed
        ? { isDone: false, call: placed.call.name, errno: errnoName(-record.value) }
        : { isDone: true },
    );
  }
  return steps;
}

/** A record is written at once, and so arrives whole: pipe(7), PIPE_BUF. */
function readRecord(status: Fd): { readonly tag: number; readonly value: number } | undefined {
  const bytes = new Uint8Array(RECORD_SIZE);
  const got = read(status.number, bytes);
  if (!got.ok || got.value < RECORD_SIZE) return undefined;
  const view = new DataView(bytes.buffer);
  return { tag: Number(takeWord(view, 0)), value: Number(takeWord(view, 8)) };
}
