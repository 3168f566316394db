/** Tests of encodePlan(): what holds for the program of every golden plan, and what its options change. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { SYSCALLS } from "../../ffi/constants/syscalls.ts";
import {
  ARGUMENT_OFFSET,
  disassemble,
  EVALUATE,
  type Instruction,
  instructionAddress,
  instructionIndex,
  LAYOUT,
  type Program,
} from "../../ffi/program/instruction.ts";
import { PLAN_CASES, type PlanCase } from "../../tests/golden/plan_cases.ts";
import { buildPlan } from "../plan/build_plan.ts";
import { FD } from "../plan/descriptors.ts";
import type { Plan } from "../plan/operation.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import {
  type EncodedPlan,
  type EncodeOptions,
  encodePlan,
  type PlacedCall,
  placedCalls,
} from "./encode_plan.ts";

const NUMBER = (name: keyof typeof SYSCALLS) => SYSCALLS[name].x86_64;

function encode({ spec, host }: PlanCase, options: EncodeOptions = {}): EncodedPlan {
  return encodePlan(buildPlan(spec, host), options);
}

function caseOf(name: string): PlanCase {
  return PLAN_CASES.find((each) => each.name === name)!;
}

/** Whether nothing comes after: the end of the process or thread, or a jump. */
function isEnd({ number, args, onZero }: Instruction): boolean {
  if (number === NUMBER("exit_group") || number === NUMBER("exit")) return true;
  return number === EVALUATE && args[1] === 0 && args[3] === 0 && args[4] === 0 && onZero !== 0;
}

/** Where an instruction may put its result: into the table, the data, the buffers. */
function isWritable({ table, data, buffersSize }: Program, address: number): boolean {
  const areas = [
    [LAYOUT.fault, LAYOUT.fault + table.length],
    [LAYOUT.data, LAYOUT.data + data.length],
    [LAYOUT.buffers, LAYOUT.buffers + buffersSize],
  ] as const;
  return areas.some(([start, end]) => address >= start && address + 8 <= end);
}

interface ReadPlan {
  readonly instructions: readonly Instruction[];
  readonly callOf: EncodedPlan["callOf"];
  readonly calls: readonly PlacedCall[];
}

function read({ program, plan, callOf }: EncodedPlan): ReadPlan {
  return { instructions: disassemble(program), callOf, calls: placedCalls(plan) };
}

/** The index of the first instruction of a call. */
function indexOf({ callOf }: EncodedPlan, call: number): number {
  return [...callOf].find(([, number]) => number === call)![0];
}

/** A word of the program's data. */
function wordAt({ data }: Program, address: number): number {
  return Number(new DataView(data.buffer, data.byteOffset).getBigInt64(address - LAYOUT.data, true));
}

/** The tags of all records that the program may write, but faults. */
function tags({ program }: EncodedPlan): number[] {
  return disassemble(program).filter(({ number, args }) =>
    number === NUMBER("write") && args[0] === FD.status && args[2] === RECORD_SIZE && args[1] !== LAYOUT.fault
  ).map(({ args }) => wordAt(program, Number(args[1])));
}

for (const each of PLAN_CASES) {
  for (const isTraced of [false, true]) {
    const name = isTraced ? `${each.name}, traced` : each.name;

    Deno.test(`encodePlan(${name}): every jump leads to an instruction, every result into memory`, () => {
      const { program } = encode(each, { isTraced });
      const instructions = disassemble(program);
      const isTarget = (address: number) =>
        address === 0 || Number.isInteger(instructionIndex(address)) && instructionIndex(address) >= 0 &&
          instructionIndex(address) < instructions.length;
      const wrong = instructions.filter(({ onError, onZero, store }) =>
        !isTarget(Number(onError)) || !isTarget(Number(onZero)) ||
        store !== 0 && !isWritable(program, Number(store))
      );
      deepEqual(wrong, []);
    });

    Deno.test(`encodePlan(${name}): every call is made, under its own number`, () => {
      const encoded = encode(each, { isTraced });
      const { instructions, callOf, calls } = read(encoded);
      const wrong = [...callOf].filter(([index, call]) => {
        const { number } = instructions[index]!;
        return number !== EVALUATE && number !== NUMBER(calls[call]!.call.name);
      });
      deepEqual(wrong, []);
      deepEqual([...new Set(callOf.values())].sort((a, b) => a - b), calls.map((_, index) => index));
    });

    Deno.test(`encodePlan(${name}): a call that must not fail reports and ends`, () => {
      const { instructions, callOf, calls } = read(encode(each, { isTraced }));
      const stops = [...callOf].filter(([index, call]) =>
        calls[call]!.call.failure === "stop" && calls[call]!.call.loop === undefined &&
        !(isTraced && instructions[index]!.number !== EVALUATE)
      );
      ok(stops.length > 0);
      for (const [index] of stops) {
        const { onError } = instructions[index]!;
        const [report, exit] = instructions.slice(instructionIndex(Number(onError)));
        deepEqual(report!.args.slice(0, 3), [FD.status, LAYOUT.fault, RECORD_SIZE]);
        deepEqual([exit!.number, exit!.args[0]], [NUMBER("exit_group"), 125]);
      }
    });
  }

  Deno.test(`encodePlan(${each.name}): a new process begins with its own first call, and nothing runs into it`, () => {
    const encoded = encode(each);
    const { instructions, callOf, calls } = read(encoded);
    const clones = [...callOf].filter(([, call]) => calls[call]!.call.starts !== undefined);
    for (const [index, call] of clones) {
      const start = instructionIndex(Number(instructions[index]!.onZero));
      const { operations } = buildPlan(each.spec, each.host);
      const first = calls.findIndex(({ operation }) =>
        operations[operation]!.actor === calls[call]!.call.starts
      );
      // What the first call takes from memory is copied into it before.
      const made = indexOf(encoded, first);
      ok(start <= made && instructions.slice(start, made).every(({ number }) => number === EVALUATE));
      ok(isEnd(instructions[start - 1]!));
    }
    ok(isEnd(instructions.at(-1)!));
  });
}

const FULL = caseOf("rootless_interactive");

/** The number of the first call of that name. */
function numberOf(plan: Plan, name: string): number {
  return placedCalls(plan).findIndex(({ call }) => call.name === name);
}

const PLAN = buildPlan(FULL.spec, FULL.host);

for (const name of ["pivot_root", "clone3", "capset", "execve", "wait4", "read", "write"] as const) {
  Deno.test(`encodePlan() makes ${name} fail as if the kernel had said so`, () => {
    const call = numberOf(PLAN, name);
    const plain = encodePlan(PLAN);
    const failing = encodePlan(PLAN, { fail: { call, errno: 1 } });
    const [was, is] = [plain, failing].map((each) => read(each).instructions[indexOf(each, call)]!);
    deepEqual(is, {
      ...was,
      number: EVALUATE,
      args: [LAYOUT.zero, 0, LAYOUT.zero, 0, -1, 0],
      onError: is!.onError,
      onZero: is!.onZero,
    });
    equal(is!.onError === 0, was!.onError === 0);
  });
}

Deno.test("encodePlan() makes a process wait before a call, and says so", () => {
  const call = numberOf(PLAN, "pivot_root");
  const paused = encodePlan(PLAN, { pause: call });
  const { instructions } = read(paused);
  const before = instructions.slice(0, indexOf(paused, call)).filter(({ number }) => number !== EVALUATE);
  equal(before.at(-1)!.number, NUMBER("ppoll"));
  const [, record] = before.at(-2)!.args;
  deepEqual([0, 8].map((offset) => wordAt(paused.program, Number(record) + offset)), [RECORD.paused, call]);
});

Deno.test("encodePlan() reports the result of every call of monitor and container when traced", () => {
  const traced = encodePlan(PLAN, { isTraced: true });
  const wanted = placedCalls(PLAN).flatMap(({ operation }, index) =>
    PLAN.operations[operation]!.actor.endsWith("relay") ? [] : [RECORD.trace + index]
  );
  deepEqual(tags(traced).filter((tag) => tag >= RECORD.trace).sort((a, b) => a - b), wanted);
});

Deno.test("encodePlan() reports the milestones of a start, and that no attempt worked", () => {
  const asked: readonly number[] = [
    RECORD.paused,
    RECORD.inTime,
    RECORD.inOrder,
    RECORD.hungUp,
    RECORD.trace,
  ];
  const own = Object.values(RECORD).filter((tag) => !asked.includes(tag));
  deepEqual([...new Set(tags(encodePlan(PLAN)))].sort((a, b) => a - b), own);
});

Deno.test("encodePlan() goes on to the next attempt when one does not work", () => {
  const encoded = encodePlan(PLAN);
  const { instructions } = read(encoded);
  const index = indexOf(encoded, numberOf(PLAN, "execve"));
  const reported = instructionIndex(Number(instructions[index]!.onError));
  deepEqual(instructions[reported]!.args.slice(0, 3), [FD.status, LAYOUT.fault, RECORD_SIZE]);
  equal(instructions[reported + 1]!.number, NUMBER("execve"));
});

Deno.test("encodePlan() passes a descriptor on by writing it into the later call's own argument", () => {
  const encoded = encodePlan(PLAN);
  const { instructions } = read(encoded);
  const index = indexOf(encoded, numberOf(PLAN, "pidfd_open"));
  const copy = instructions[index - 1]!;
  deepEqual([copy.number, copy.store], [EVALUATE, instructionAddress(index) + ARGUMENT_OFFSET(0)]);
  equal(copy.args[0], instructions[indexOf(encoded, numberOf(PLAN, "getpid"))]!.store);
});

Deno.test("encodePlan() gives each ppoll a time of its own, since the kernel counts it down there", () => {
  const { spec, host } = PLAN_CASES.find(({ name }) => name === "rootless_timeout")!;
  const timed = buildPlan(
    { ...spec, annotations: { ...spec.annotations, "dev.myctr.stop-timeout": "30" } },
    host,
  );
  const { program } = encodePlan(timed);
  const limits = disassemble(program).filter(({ number }) => number === NUMBER("ppoll"))
    .map(({ args }) => Number(args[2])).filter((address) => address !== 0 && wordAt(program, address) === 30);
  equal(limits.length, 2);
  equal(new Set(limits).size, 2);
});

Deno.test("encodePlan() gives aarch64 its own numbers in the same program", () => {
  const [x86, arm] = (["x86_64", "aarch64"] as const).map((machine) =>
    disassemble(encodePlan(PLAN, { machine }).program)
  );
  const numbers = arm!.map(({ number }) => number);
  const names = x86!.map(({ number }) =>
    Object.values(SYSCALLS).find(({ x86_64 }) => x86_64 === number)?.aarch64 ?? EVALUATE
  );
  deepEqual(numbers, names);
});

Deno.test("a full plan is small: its program takes less than 100 KiB", () => {
  const { table, data } = encode(caseOf("root_overlay_volumes")).program;
  ok(table.length + data.length < 100 * 1024);
});
