/**
 * Turns a plan into a kernel program: each call becomes an instruction, each name a word in memory. Pure.
 *
 * Three tails end a process that can't go on: `fail` reports {instruction, errno}, `quit` says nothing (its reader
 * is gone), `exhausted` reports that no attempt to execute the command worked.
 */

import { POLL } from "../../ffi/constants/process.ts";
import { type SyscallName, SYSCALLS } from "../../ffi/constants/syscalls.ts";
import { Assembler, type Place } from "../../ffi/program/assembler.ts";
import type { Machine } from "../../ffi/program/elf.ts";
import { LAYOUT, type Program } from "../../ffi/program/instruction.ts";
import { ANSWER } from "../plan/answer.ts";
import { FD } from "../plan/descriptors.ts";
import type { Actor, Call, Operation, Plan } from "../plan/operation.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import { LoopEncoder, type NumberedCall } from "./encode_loops.ts";
import { MARK, Memory, PAGE_SIZE } from "./program_memory.ts";

/** What may be asked of a program besides doing what the plan says. */
export interface EncodeOptions {
  /** A record for the result of every call of monitor and container. */
  readonly isTraced?: boolean;
  /** The call with that number returns that errno instead of being made. */
  readonly fail?: { readonly call: number; readonly errno: number };
  /** The process waits before the call with that number, until myctr (or, but for the monitor itself, the monitor) is gone. */
  readonly pause?: number;
  readonly machine?: Machine;
}

/** A call of the plan and its place in it. */
export interface PlacedCall {
  /** Index of the operation in the plan. */
  readonly operation: number;
  readonly call: Call;
}

/** A program, and the way back from its instructions to the plan. */
export interface EncodedPlan {
  readonly program: Program;
  readonly plan: Plan;
  /** Number of the call that an instruction makes, by the instruction's index. */
  readonly callOf: ReadonlyMap<number, number>;
}

/** Lists the calls of a plan in order: the index of each is its number. */
export function placedCalls(plan: Plan): PlacedCall[] {
  return plan.operations.flatMap(({ calls }, operation) => calls.map((call) => ({ operation, call })));
}

/** Finds one call of a plan by its number. A start that works asks too, once for each place where its command is not. */
export function placedCall(plan: Plan, number: number): PlacedCall {
  let first = 0;
  for (let operation = 0; operation < plan.operations.length; operation++) {
    const { calls } = plan.operations[operation]!;
    if (number < first + calls.length) return { operation, call: calls[number - first]! };
    first += calls.length;
  }
  throw new RangeError(`no call ${number} in ${first}`);
}

/** Encodes a plan. The processes of a program share one table; each has its own copy of the memory. */
export function encodePlan(plan: Plan, options: EncodeOptions = {}): EncodedPlan {
  return new PlanEncoder(plan, options).encode();
}

const EXIT_FAILED = 125;
const EXIT_NOT_FOUND = 127;
const THREADS = [
  "stdin relay",
  "stdout relay",
  "stderr relay",
  "door",
  "guard",
] as const satisfies readonly Actor[];
/** Where a netlink acknowledgement has its errno: behind the header of 16 bytes. */
const ACK_ERRNO_OFFSET = 16;

function isThread(actor: Actor): boolean {
  return (THREADS as readonly Actor[]).includes(actor);
}

interface NumberedOperation {
  readonly operation: Operation;
  readonly number: number;
}

class PlanEncoder {
  readonly #assembler = new Assembler();
  readonly #memory = new Memory(this.#assembler);
  readonly #plan: Plan;
  readonly #options: EncodeOptions;
  readonly #callOf = new Map<number, number>();
  readonly #machine: Machine;
  readonly #loops: LoopEncoder;
  /** In order, with the number of the first call of each. */
  readonly #operationsOf = new Map<Actor, NumberedOperation[]>();
  #labels = 0;

  constructor(plan: Plan, options: EncodeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#machine = options.machine ?? "x86_64";
    this.#loops = new LoopEncoder({
      assembler: this.#assembler,
      memory: this.#memory,
      callOf: this.#callOf,
      machine: this.#machine,
      fail: options.fail,
    });
  }

  /** What is needed for as long as the container runs comes first: all pages behind it can be given back. */
  encode(): EncodedPlan {
    const { operations } = this.#plan;
    let number = 0;
    for (const operation of operations) {
      const own = this.#operationsOf.get(operation.actor) ?? [];
      if (own.length === 0) this.#operationsOf.set(operation.actor, own);
      own.push({ operation, number });
      number += operation.calls.length;
    }
    const ofMonitor = this.#operationsOf.get("monitor") ?? [];
    // What a relay takes from the monitor is named behind it in the table.
    for (const { operation } of ofMonitor) for (const { args } of operation.calls) this.#memory.declare(args);
    const wait = ofMonitor.findIndex(({ operation }) => operation.calls[0]?.name === "munmap");
    const isWait = (index: number) => wait >= 0 && index >= wait;
    const a = this.#assembler;
    a.jump("monitor");
    for (const actor of THREADS) if (this.#process(actor)) a.emit(this.#number("exit"), [0]);
    if (this.#process("monitor", { label: "monitor waits", isTaken: isWait })) this.#exit(0);
    this.#tails();
    a.markPages(MARK, PAGE_SIZE[this.#machine]);
    this.#process("monitor", { isTaken: (index) => !isWait(index) });
    if (wait >= 0) a.jump("monitor waits");
    else this.#exit(0);
    for (const actor of ["visitor", "joiner", "network helper"] as const) {
      if (this.#process(actor)) this.#exit(0);
    }
    for (const actor of ["container", "command"] as const) if (this.#process(actor)) a.jump("exhausted");
    return { program: this.#assembler.link(), plan: this.#plan, callOf: this.#callOf };
  }

  /** Encodes the operations of an actor, or some of them by their place; whether there is any is the result. */
  #process(
    actor: Actor,
    { label = actor, isTaken = () => true }: { label?: string; isTaken?: (index: number) => boolean } = {},
  ): boolean {
    const loops: NumberedCall[] = [];
    const operations = this.#operationsOf.get(actor) ?? [];
    const { length } = operations;
    let from = 0;
    while (from < length && !isTaken(from)) from++;
    if (from === length) return false;
    this.#assembler.label(label);
    for (let index = from; index < length; index++) {
      if (!isTaken(index)) continue;
      const { operation: { calls }, number } = operations[index]!;
      for (let at = 0; at < calls.length; at++) {
        const call = calls[at]!;
        if (call.loop === undefined) this.#call(call, number + at, actor);
        else loops.push({ call, number: number + at });
      }
    }
    if (loops.length > 0) this.#loops.encode(loops);
    return true;
  }

  #call(call: Call, number: number, actor: Actor): void {
    const { fail, pause, isTraced } = this.#options;
    if (pause === number) this.#pauseBefore(number, actor);
    const place = call.result === undefined ? undefined : this.#memory.slot(call.result);
    const traced = isTraced && !isThread(actor) ? this.#memory.buffer(`result ${number}`, 8) : undefined;
    const next = call.ends === "unless-zero" ? this.#newLabel() : undefined;
    const onTraced = traced === undefined ? "" : this.#newLabel();
    const attempted = call.failure === "attempt" ? this.#newLabel() : undefined;
    const failed = call.failure === "stop" ? "fail" : attempted;
    const operands = this.#memory.operands(call.args);
    const flow = {
      onError: traced === undefined ? failed : onTraced,
      onZero: traced !== undefined
        ? undefined
        : call.starts ?? (call.ends === "on-zero" ? "quit" : call.ends === "unless-zero" ? next : undefined),
      store: traced ?? place?.address,
    };
    const index = fail?.call === number
      ? this.#loops.failing(fail.errno, flow)
      : this.#assembler.emit(this.#number(call.name), operands, flow);
    this.#callOf.set(index, number);
    if (traced !== undefined) this.#traceResult(call, number, { traced, place, onTraced, failed });
    else if (call.ends === "unless-zero") this.#assembler.jump("quit");
    if (attempted !== undefined) this.#reportAttempt(attempted);
    if (next !== undefined) this.#assembler.label(next);
    if (call.acknowledgement !== undefined) this.#checkAcknowledgement(call.acknowledgement, number);
  }

  #number(name: SyscallName): number {
    return SYSCALLS[name][this.#machine];
  }

  #newLabel(): string {
    this.#labels++;
    return `next ${this.#labels}`;
  }

  #exit(code: number): void {
    this.#assembler.emit(this.#number("exit_group"), [code]);
  }

  #writeRecord(tag: number | Place, value: number | Place): void {
    const address = this.#memory.record(tag, value);
    this.#assembler.emit(this.#number("write"), [FD.status, address, RECORD_SIZE]);
  }

  #pauseBefore(number: number, actor: Actor): void {
    this.#writeRecord(RECORD.paused, number);
    if (isThread(actor)) {
      this.#assembler.emit(this.#number("ppoll"), [0, 0, 0, 0, 0]);
      return;
    }
    // Without events only a hang-up ends the wait: myctr is gone. Then the process goes on, as one not paused would.
    const entries = this.#assembler.words([FD.go, 0]);
    const isWatched = actor === "container" || actor === "visitor" || actor === "joiner";
    if (isWatched) {
      const monitor = { address: this.#memory.slot("monitor").address, mask: 0xffff_ffff };
      this.#assembler.copy(monitor, entries + 8, POLL.POLLIN * 2 ** 32);
    }
    this.#assembler.emit(this.#number("ppoll"), [entries, isWatched ? 2 : 1, 0, 0, 0]);
  }

  /** The result goes to a record first, then where it belongs; then what the call's result decides is decided. */
  #traceResult(
    call: Call,
    number: number,
    at: { traced: number; place: Place | undefined; onTraced: string; failed: string | undefined },
  ): void {
    const { traced, place, onTraced, failed } = at;
    // A new process must not report its 0 as the parent's result.
    if (call.starts !== undefined) {
      this.#assembler.copy({ address: traced }, undefined, 0, { onZero: call.starts });
    }
    this.#assembler.label(onTraced);
    const fault = this.#memory.buffer("kept fault", 16);
    this.#assembler.copy({ address: LAYOUT.fault }, fault);
    this.#assembler.copy({ address: LAYOUT.fault + 8 }, fault + 8);
    this.#writeRecord(RECORD.trace + number, { address: traced });
    this.#assembler.copy({ address: fault }, LAYOUT.fault);
    this.#assembler.copy({ address: fault + 8 }, LAYOUT.fault + 8);
    const done = this.#newLabel();
    const onZero = call.ends === "on-zero" ? "quit" : call.ends === "unless-zero" ? done : undefined;
    const index = this.#assembler.next;
    this.#assembler.copy({ address: traced }, place?.address, 0, { onError: failed, onZero });
    this.#callOf.set(index, number);
    if (call.ends === "unless-zero") this.#assembler.jump("quit");
    this.#assembler.label(done);
  }

  #reportAttempt(label: string): void {
    const worked = this.#newLabel();
    this.#assembler.jump(worked);
    this.#assembler.label(label);
    this.#assembler.emit(this.#number("write"), [FD.status, LAYOUT.fault, RECORD_SIZE]);
    this.#assembler.label(worked);
  }

  /** The kernel's answer is 0, or a negative errno in 32 bits, which becomes one of 64 bits. */
  #checkAcknowledgement(buffer: string, number: number): void {
    const answer = { address: this.#memory.buffer(buffer, 0) + ACK_ERRNO_OFFSET, mask: 0xffff_ffff };
    const done = this.#newLabel();
    this.#assembler.copy(answer, undefined, 0, { onZero: done });
    this.#callOf.set(this.#assembler.next, number);
    this.#assembler.copy(answer, undefined, -0x1_0000_0000, { onError: "fail" });
    this.#assembler.label(done);
  }

  #tails(): void {
    const a = this.#assembler;
    a.label("fail");
    a.emit(this.#number("write"), [FD.status, LAYOUT.fault, RECORD_SIZE]);
    this.#exit(EXIT_FAILED);
    a.label("quit");
    this.#exit(0);
    a.label("exhausted");
    this.#writeRecord(RECORD.exhausted, 0);
    // myctr looks at the root meanwhile, to tell a missing file from a missing interpreter.
    a.emit(this.#number("read"), [FD.go, this.#memory.buffer("answer", ANSWER.size), 1]);
    this.#exit(EXIT_NOT_FOUND);
  }
}
