/**
 * Turns a plan into a kernel program: each call becomes an instruction, each name a word in memory. Pure.
 *
 * Three tails end a process that can't go on: `fail` reports {instruction, errno}, `quit` says nothing (its reader
 * is gone), `exhausted` reports that no attempt to execute the command worked.
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { POLL, SIG } from "../../ffi/constants/process.ts";
import { type SyscallName, SYSCALLS } from "../../ffi/constants/syscalls.ts";
import { Assembler, type Flow, type Operand, type Place } from "../../ffi/program/assembler.ts";
import type { Machine } from "../../ffi/program/elf.ts";
import { LAYOUT, type Program } from "../../ffi/program/instruction.ts";
import { ANSWER } from "../plan/answer.ts";
import { FD, RELAY_STATUS } from "../plan/descriptors.ts";
import type { Actor, Call, Operation, Plan } from "../plan/operation.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import { Memory } from "./program_memory.ts";

/** What may be asked of a program besides doing what the plan says. */
export interface EncodeOptions {
  /** A record for the result of every call of monitor and container. */
  readonly isTraced?: boolean;
  /** The call with that number returns that errno instead of being made. */
  readonly fail?: { readonly call: number; readonly errno: number };
  /** The process waits before the call with that number, until myctr (or, for the container, the monitor) is gone. */
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

/** Encodes a plan. The processes of a program share one table; each has its own copy of the memory. */
export function encodePlan(plan: Plan, options: EncodeOptions = {}): EncodedPlan {
  return new PlanEncoder(plan, options).encode();
}

const EXIT_FAILED = 125;
const EXIT_NOT_FOUND = 127;
/** Parts of a wait status: its low 7 bits, its second byte. Source: wait(2); what a shell adds to a signal's number. */
const TERMINATING_SIGNAL = 0x7f;
const EXIT_CODE = 0xff;
const SIGNALLED = 128;
/** Where a netlink acknowledgement has its errno: behind the header of 16 bytes. */
const ACK_ERRNO_OFFSET = 16;

class PlanEncoder {
  readonly #assembler = new Assembler();
  readonly #memory = new Memory(this.#assembler);
  readonly #plan: Plan;
  readonly #options: EncodeOptions;
  readonly #callOf = new Map<number, number>();
  readonly #machine: Machine;
  #labels = 0;

  constructor(plan: Plan, options: EncodeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#machine = options.machine ?? "x86_64";
  }

  encode(): EncodedPlan {
    const actors: readonly Actor[] = [
      "monitor",
      "container",
      "command",
      "stdin relay",
      "stdout relay",
      "stderr relay",
    ];
    for (const actor of actors) this.#process(actor);
    this.#tails();
    return { program: this.#assembler.link(), plan: this.#plan, callOf: this.#callOf };
  }

  #process(actor: Actor): void {
    let number = 0;
    let isEmpty = true;
    for (const operation of this.#plan.operations) {
      if (operation.actor === actor) {
        if (isEmpty) this.#assembler.label(actor);
        isEmpty = false;
        this.#operation(operation, number);
      }
      number += operation.calls.length;
    }
    if (isEmpty) return;
    if (actor === "container" || actor === "command") this.#assembler.jump("exhausted");
    else this.#exit(0);
  }

  /** Encodes the calls of an operation, of which the first has that number. */
  #operation({ actor, calls }: Operation, first: number): void {
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index]!;
      if (call.loop === "read") this.#copyLoop(call, calls[index + 1]!, first + index);
      else if (call.loop === "signal") this.#initLoop(calls.slice(index), first + index);
      else if (call.loop === undefined) this.#call(call, first + index, actor);
    }
  }

  #call(call: Call, number: number, actor: Actor): void {
    const { fail, pause, isTraced } = this.#options;
    if (pause === number) this.#pauseBefore(number, actor);
    const place = call.result === undefined ? undefined : this.#memory.slot(call.result);
    const traced = isTraced && !actor.endsWith("relay")
      ? this.#memory.buffer(`result ${number}`, 8)
      : undefined;
    const next = call.ends === "unless-zero" ? this.#newLabel() : undefined;
    const onTraced = traced === undefined ? "" : this.#newLabel();
    const attempted = call.failure === "attempt" ? this.#newLabel() : undefined;
    const failed = call.failure === "stop" ? "fail" : attempted;
    const operands = call.args.map((argument) => this.#memory.operand(argument));
    const flow = {
      onError: traced === undefined ? failed : onTraced,
      onZero: traced !== undefined
        ? undefined
        : call.starts ?? (call.ends === "on-zero" ? "quit" : call.ends === "unless-zero" ? next : undefined),
      store: traced ?? place?.address,
    };
    const index = fail?.call === number
      ? this.#failing(fail.errno, flow)
      : this.#assembler.emit(this.#number(call.name), operands, flow);
    this.#callOf.set(index, number);
    if (traced !== undefined) this.#traceResult(call, number, { traced, place, onTraced, failed });
    else if (call.ends === "unless-zero") this.#assembler.jump("quit");
    if (attempted !== undefined) this.#reportAttempt(attempted);
    if (next !== undefined) this.#assembler.label(next);
    if (call.acknowledgement !== undefined) this.#checkAcknowledgement(call.acknowledgement, number);
  }

  #failing(errno: number, flow: { onError?: string | undefined; store?: number | undefined }): number {
    this.#assembler.result(-errno, flow);
    return this.#assembler.next - 1;
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
    if (actor.endsWith("relay")) {
      this.#assembler.emit(this.#number("ppoll"), [0, 0, 0, 0, 0]);
      return;
    }
    // Without events only a hang-up ends the wait: myctr is gone. Then the process goes on, as one not paused would.
    const entries = this.#assembler.words([FD.go, 0]);
    if (actor === "container") {
      const monitor = { address: this.#memory.slot("monitor").address, mask: 0xffff_ffff };
      this.#assembler.copy(monitor, entries + 8, POLL.POLLIN * 2 ** 32);
    }
    this.#assembler.emit(this.#number("ppoll"), [entries, actor === "container" ? 2 : 1, 0, 0, 0]);
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

  /** Read and write until end of file; a non-blocking descriptor is waited for, not given up. */
  #copyLoop(reading: Call, writing: Call, number: number): void {
    const [source, buffer, size] = reading.args.map((argument) => this.#memory.operand(argument));
    const [target] = writing.args.map((argument) => this.#memory.operand(argument));
    const name = this.#newLabel();
    const count = this.#memory.buffer(`${name} count`, 8);
    const from = this.#memory.buffer(`${name} from`, 8);
    const result = this.#memory.buffer(`${name} result`, 8);
    const a = this.#assembler;
    a.label(`${name} read`);
    this.#loopCall(reading, number, {
      operands: [source!, buffer!, size!],
      onError: `${name} read failed`,
      onZero: `${name} end`,
      store: count,
    });
    a.result(buffer as number, { store: from });
    a.label(`${name} write`);
    this.#loopCall(writing, number + 1, {
      operands: [target!, { address: from }, { address: count }],
      onError: `${name} write failed`,
      store: result,
    });
    a.add(from, { address: result }, 1);
    a.add(count, { address: result }, -1, { onZero: `${name} read` });
    a.jump(`${name} write`);
    a.label(`${name} read failed`);
    this.#waitOrEnd(count, {
      fd: source as number,
      events: POLL.POLLIN,
      again: `${name} read`,
      end: `${name} failed`,
    });
    a.label(`${name} write failed`);
    // A reader that has gone away is no mistake: `myctr run … | head -1`.
    a.copy({ address: result }, undefined, ERRNO.EPIPE, { onZero: `${name} end` });
    this.#waitOrEnd(result, {
      fd: target as number,
      events: POLL.POLLOUT,
      again: `${name} write`,
      end: `${name} failed`,
    });
    a.label(`${name} failed`);
    a.emit(this.#number("write"), [RELAY_STATUS, LAYOUT.fault, RECORD_SIZE]);
    this.#exit(EXIT_FAILED);
    a.label(`${name} end`);
  }

  /** Signals one by one; a SIGCHLD may stand for several children. Ends as the command did: 128 and its signal, or its code. */
  #initLoop([signal, forward, reap]: readonly Call[], number: number): void {
    const a = this.#assembler;
    const [taken, reaped, other] = ["taken", "reaped", "other"].map((name) =>
      this.#memory.buffer(`init ${name}`, 8)
    );
    const operands = [signal, forward, reap].map((each) =>
      each!.args.map((argument) => this.#memory.operand(argument))
    );
    const [received, command, status] = ["signal", "command.pid", "command.status"].map((name) =>
      this.#memory.slot(name)
    );
    a.label("init next");
    this.#loopCall(signal!, number, { operands: operands[0]!, onError: "fail", store: taken });
    a.copy(received!, undefined, -SIG.SIGCHLD, { onZero: "init reap" });
    this.#loopCall(forward!, number + 1, { operands: operands[1]! });
    a.jump("init next");
    a.label("init reap");
    this.#loopCall(reap!, number + 2, {
      operands: operands[2]!,
      onError: "fail",
      onZero: "init next",
      store: reaped,
    });
    a.copy({ address: reaped! }, other);
    a.add(other!, command!, -1, { onZero: "init over" });
    a.jump("init reap");
    a.label("init over");
    const code = this.#memory.buffer("init code", 8);
    a.copy({ address: status!.address, mask: TERMINATING_SIGNAL }, undefined, 0, { onZero: "init exited" });
    a.copy({ address: status!.address, mask: TERMINATING_SIGNAL }, code, SIGNALLED);
    a.jump("init end");
    a.label("init exited");
    a.copy({ address: status!.address + 1, mask: EXIT_CODE }, code);
    a.label("init end");
    a.emit(this.#number("exit_group"), [{ address: code }]);
  }

  #loopCall({ name }: Call, number: number, flow: Flow & { readonly operands: readonly Operand[] }): void {
    const { fail } = this.#options;
    const index = fail?.call === number
      ? this.#failing(fail.errno, flow)
      : this.#assembler.emit(this.#number(name), flow.operands, flow);
    this.#callOf.set(index, number);
  }

  #waitOrEnd(result: number, to: { fd: number; events: number; again: string; end: string }): void {
    const wait = this.#newLabel();
    this.#assembler.copy({ address: result }, undefined, ERRNO.EINTR, { onZero: to.again });
    this.#assembler.copy({ address: result }, undefined, ERRNO.EAGAIN, { onZero: wait });
    this.#assembler.jump(to.end);
    this.#assembler.label(wait);
    const entry = this.#assembler.words([to.fd + to.events * 2 ** 32]);
    this.#assembler.emit(this.#number("ppoll"), [entry, 1, 0, 0, 0]);
    this.#assembler.jump(to.again);
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
