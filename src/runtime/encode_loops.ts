/** Encodes the loops of a program: a relay's, with or without a log, and an init's. Pure. */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { MADV, POLL, SIG } from "../../ffi/constants/process.ts";
import { SYSCALLS } from "../../ffi/constants/syscalls.ts";
import type { Assembler, Flow, Operand } from "../../ffi/program/assembler.ts";
import type { Machine } from "../../ffi/program/elf.ts";
import { instructionAddress } from "../../ffi/program/instruction.ts";
import { RELAY_LOG, RELAY_STATUS } from "../plan/descriptors.ts";
import { FRAME, LOG_HEAD_SIZE } from "../plan/frame.ts";
import type { Call, Out, Slot } from "../plan/operation.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import { type Memory, PAGE_SIZE } from "./program_memory.ts";

const EXIT_FAILED = 125;
/** Parts of a wait status: its low 7 bits, its second byte. Source: wait(2); what a shell adds to a signal's number. */
const TERMINATING_SIGNAL = 0x7f;
const EXIT_CODE = 0xff;
const SIGNALLED = 128;
/** What a relay keeps of its buffer while there is nothing to read: a power of two. */
const KEPT_ROOM = 8192;
/** The highest bit: a result has it where it is an errno. */
const SIGN = -(2 ** 63);
/** A log's size is counted from below this bit, so that it is set once the file is full. */
const FULL = 2 ** 40;
/** Of struct pollfd; and all that may have happened, in its last 16 bits. */
const POLLFD_SIZE = 8;
const ANY_EVENT = POLL.POLLIN | POLL.POLLERR | POLL.POLLHUP;

/** A call of a loop, by its number in the plan. */
export interface NumberedCall {
  readonly call: Call;
  readonly number: number;
}

interface Parts {
  readonly assembler: Assembler;
  readonly memory: Memory;
  /** Filled with the number of the call that each instruction makes. */
  readonly callOf: Map<number, number>;
  readonly machine: Machine;
  readonly fail: { readonly call: number; readonly errno: number } | undefined;
}

/** An encoder of loops, which writes behind what the assembler has. */
export class LoopEncoder {
  readonly #parts: Parts;
  #count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Encodes the loop that these calls make. */
  encode(calls: readonly NumberedCall[]): void {
    this.#count++;
    const first = calls[0]!.call.loop;
    if (first === "signal") this.#initLoop(calls);
    else if (first === "accept") this.#doorLoop(calls);
    else this.#relayLoop(calls);
  }

  /** Emits the result of a call that fails without being made. */
  failing(errno: number, flow: Flow): number {
    this.#parts.assembler.result(-errno, flow);
    return this.#parts.assembler.next - 1;
  }

  #number(name: Call["name"]): number {
    return SYSCALLS[name][this.#parts.machine];
  }

  #operands({ args }: Call): Operand[] {
    return this.#parts.memory.operands(args);
  }

  /** Emits a call; gives the index of its instruction. */
  #call(
    { call, number }: NumberedCall,
    flow: Flow & { readonly operands?: readonly Operand[] } = {},
  ): number {
    const { fail, assembler, callOf } = this.#parts;
    const index = fail?.call === number
      ? this.failing(fail.errno, flow)
      : assembler.emit(this.#number(call.name), flow.operands ?? this.#operands(call), flow);
    callOf.set(index, number);
    return index;
  }

  /**
   * Emits a call of a relay, and a jump for where it fails. The interpreter's own way would write the failure down in two
   * words that all threads share: of two that fail at once, each would tell what the other met.
   */
  #callOrElse(
    call: NumberedCall,
    { failed, ...flow }: { failed: string; store: number; operands?: readonly Operand[]; onZero?: string },
  ): number {
    const { assembler: a } = this.#parts;
    const index = this.#call(call, flow);
    a.copy({ address: flow.store, mask: SIGN }, undefined, 0, { onZero: `not ${failed}` });
    a.jump(failed);
    a.label(`not ${failed}`);
    return index;
  }

  /** Ends a relay by a record of the call that failed, and how. */
  #fail(label: string, index: number, result: number): void {
    const { assembler: a, memory } = this.#parts;
    a.label(label);
    const record = memory.record(instructionAddress(index), { address: result });
    a.emit(this.#number("write"), [RELAY_STATUS, record, RECORD_SIZE]);
    a.emit(this.#number("exit"), [EXIT_FAILED]);
  }

  /** Read, keep, write until end of file; a non-blocking descriptor is waited for, not given up. */
  #relayLoop(calls: readonly NumberedCall[]): void {
    const { assembler: a, memory } = this.#parts;
    const of = (loop: Call["loop"]) => calls.filter(({ call }) => call.loop === loop);
    const [[reading], [writing], [keep], [until]] = [of("read"), of("write"), of("keep"), of("until")];
    const { out, at = 0, size } = reading!.call.args[1] as Out;
    const head = memory.buffer(out, at + size);
    const name = `loop ${this.#count}`;
    // The length in the head of the frame is what was read: nothing has to be copied.
    const count = head + FRAME.length;
    const buffer = head + at;
    if (keep !== undefined) {
      const { slot, bytes } = keep.call.limit!;
      a.copy({ address: memory.slot(slot).address }, memory.buffer(`${name} fill`, 8), FULL - bytes);
    }
    const idle = of("idle");
    const wide = idle.length === 0 ? undefined : memory.buffer(`${name} wide`, 8);
    a.label(`${name} read`);
    if (wide !== undefined) this.#giveBack(idle, { name, wide, buffer, size });
    const read = this.#callOrElse(reading!, {
      operands: [0, buffer, size],
      failed: `${name} read failed`,
      onZero: `${name} end`,
      store: count,
    });
    if (wide !== undefined) {
      // It stays so until the room is given back, whatever is read next.
      a.copy({ address: count, mask: -KEPT_ROOM }, undefined, 0, { onZero: `${name} narrow` });
      a.result(1, { store: wide });
      a.label(`${name} narrow`);
    }
    if (keep !== undefined) this.#keep(calls, { name, head });
    if (writing === undefined) a.jump(`${name} read`);
    else this.#forward(writing, { name, count, buffer });
    a.label(`${name} read failed`);
    const { endOfFile } = reading!.call;
    if (endOfFile !== undefined) a.copy({ address: count }, undefined, endOfFile, { onZero: `${name} end` });
    const onward = { again: `${name} read`, end: `${name} failed` };
    this.#waitOrEnd(
      count,
      { fd: 0, events: POLL.POLLIN, ...onward },
      until && (() => this.#until(until, name)),
    );
    this.#fail(`${name} failed`, read, count);
    a.label(`${name} end`);
  }

  /** After much was read, and before the next read has to wait: all pages of the buffer but the first ones. */
  #giveBack(
    [poll, advise]: readonly NumberedCall[],
    { name, wide, buffer, size }: { name: string; wide: number; buffer: number; size: number },
  ): void {
    const { assembler: a, memory, machine } = this.#parts;
    const page = PAGE_SIZE[machine];
    const start = Math.ceil((buffer + KEPT_ROOM) / page) * page;
    const length = Math.floor((buffer + size) / page) * page - start;
    const ready = memory.buffer(`${name} ready`, 8);
    a.copy({ address: wide }, undefined, 0, { onZero: `${name} go on` });
    this.#call(poll!, { onZero: `${name} idle`, store: ready });
    a.jump(`${name} go on`);
    a.label(`${name} idle`);
    this.#call(advise!, { operands: [start, Math.max(0, length), MADV.MADV_DONTNEED] });
    a.result(0, { store: wide });
    a.label(`${name} go on`);
  }

  #forward(
    writing: NumberedCall,
    { name, count, buffer }: { name: string; count: number; buffer: number },
  ): void {
    const { assembler: a, memory } = this.#parts;
    const from = memory.buffer(`${name} from`, 8);
    const result = memory.buffer(`${name} result`, 8);
    const unless = writing.call.unless === undefined ? undefined : memory.slot(writing.call.unless.slot);
    a.result(buffer, { store: from });
    a.label(`${name} write`);
    if (unless !== undefined) {
      a.copy(unless, undefined, 0, { onZero: `${name} forward` });
      // Whoever had it is gone: nobody shall wait for us to let go of his terminal.
      a.emit(this.#number("close"), [1]);
      a.jump(`${name} read`);
      a.label(`${name} forward`);
    }
    const write = this.#callOrElse(writing, {
      operands: [1, { address: from }, { address: count }],
      failed: `${name} write failed`,
      store: result,
    });
    a.add(from, { address: result }, 1);
    a.add(count, { address: result }, -1, { onZero: `${name} read` });
    a.jump(`${name} write`);
    a.label(`${name} write failed`);
    if (unless !== undefined) {
      // Whatever it was: the log is kept, and what the container writes goes on being read.
      this.#waitOrEnd(result, { fd: 1, events: POLL.POLLOUT, again: `${name} write`, end: `${name} deaf` });
      a.label(`${name} deaf`);
      a.emit(this.#number("write"), [
        RELAY_STATUS,
        memory.record(RECORD.hungUp, { address: result }),
        RECORD_SIZE,
      ]);
      a.result(1, { store: unless.address });
      return a.jump(`${name} read`);
    }
    // A reader that has gone away is no mistake: `myctr run … | head -1`.
    a.copy({ address: result }, undefined, ERRNO.EPIPE, { onZero: `${name} end` });
    const onward = { again: `${name} write`, end: `${name} broken` };
    this.#waitOrEnd(result, { fd: 1, events: POLL.POLLOUT, ...onward });
    this.#fail(`${name} broken`, write, result);
  }

  /** Writes what was read as a frame, in one piece or not at all; then begins a new file where this one is full. */
  #keep(calls: readonly NumberedCall[], { name, head }: { name: string; head: number }): void {
    const { assembler: a, memory } = this.#parts;
    const of = (loop: Call["loop"]) => calls.filter(({ call }) => call.loop === loop);
    const [[stamp], [keep], [ftruncate, lseek, pwrite], rotate] = [
      of("stamp"),
      of("keep"),
      of("drop"),
      of("rotate"),
    ];
    const [, , total] = keep!.call.args as [number, Out, Slot];
    const [, real] = ftruncate!.call.args as [number, Slot];
    const [count, lost] = [head + FRAME.length, head + FRAME.value];
    const [wrote, fill] = ["wrote", "fill"].map((word) => memory.buffer(`${name} ${word}`, 8)) as [
      number,
      number,
    ];
    const length = memory.slot(total.slot).address;
    const bias = FULL - keep!.call.limit!.bytes;
    this.#call(stamp!);
    a.copy({ address: count }, length, FRAME.size);
    this.#call(keep!, {
      operands: [RELAY_LOG, head, { address: length }],
      store: wrote,
    });
    // What is left over, or an errno more than all of it.
    a.add(length, { address: wrote }, -1, { onZero: `${name} whole` });
    a.copy({ address: fill }, memory.slot(real.slot).address, -bias);
    this.#call(ftruncate!);
    this.#call(lseek!);
    a.add(lost, { address: count }, 1);
    this.#call(pwrite!);
    a.jump(`${name} kept`);
    a.label(`${name} whole`);
    a.add(fill, { address: wrote }, 1);
    a.copy({ address: fill, mask: FULL }, undefined, 0, { onZero: `${name} kept` });
    this.#rotate(rotate, name);
    a.result(0, { store: lost });
    a.result(bias + LOG_HEAD_SIZE, { store: fill });
    a.label(`${name} kept`);
  }

  /** Where no new file can be made, the old one goes on. */
  #rotate(calls: readonly NumberedCall[], name: string): void {
    const { assembler: a, memory } = this.#parts;
    const [open, head, ...rest] = calls;
    const next = memory.slot(open!.call.result!).address;
    this.#callOrElse(open!, { failed: `${name} no file`, store: next });
    this.#callOrElse(head!, { failed: `${name} no room`, store: memory.buffer(`${name} head`, 8) });
    for (const each of rest) this.#call(each);
    a.jump(`${name} begun`);
    a.label(`${name} no room`);
    a.emit(this.#number("close"), [{ address: next }]);
    a.label(`${name} no file`);
    a.jump(`${name} kept`);
    a.label(`${name} begun`);
  }

  /** Waits for more in the pipe, the second entry, or for the end of the process, the first. */
  #until(until: NumberedCall, name: string): void {
    const { assembler: a } = this.#parts;
    const operands = this.#operands(until.call);
    this.#call(until, { operands, onError: `${name} read` });
    const pipe = Number(operands[0]) + POLLFD_SIZE;
    a.copy({ address: pipe, mask: ANY_EVENT * 2 ** 48 }, undefined, 0, { onZero: `${name} end` });
    a.jump(`${name} read`);
  }

  #waitOrEnd(
    result: number,
    to: { fd: number; events: number; again: string; end: string },
    waiting?: () => void,
  ): void {
    const { assembler: a } = this.#parts;
    const wait = `${to.again} wait`;
    a.copy({ address: result }, undefined, ERRNO.EINTR, { onZero: to.again });
    a.copy({ address: result }, undefined, ERRNO.EAGAIN, { onZero: wait });
    a.jump(to.end);
    a.label(wait);
    if (waiting !== undefined) return waiting();
    const entry = a.words([to.fd + to.events * 2 ** 32]);
    a.emit(this.#number("ppoll"), [entry, 1, 0, 0, 0]);
    a.jump(to.again);
  }

  /** Whoever comes is served and let go; the thread ends where the socket can't be used. */
  #doorLoop([accept, ...serve]: readonly NumberedCall[]): void {
    const { assembler: a, memory } = this.#parts;
    const visiting = memory.slot(accept!.call.result!).address;
    a.label("door next");
    const accepted = this.#callOrElse(accept!, { failed: "door failed", store: visiting });
    for (const each of serve) this.#call(each);
    a.jump("door next");
    a.label("door failed");
    this.#waitOrEnd(visiting, { fd: 0, events: POLL.POLLIN, again: "door next", end: "door broken" });
    this.#fail("door broken", accepted, visiting);
  }

  /** Signals one by one; a SIGCHLD may stand for several children. Ends as the command did: 128 and its signal, or its code. */
  #initLoop([signal, forward, reap]: readonly NumberedCall[]): void {
    const { assembler: a, memory } = this.#parts;
    const [taken, reaped, other] = ["taken", "reaped", "other"].map((name) =>
      memory.buffer(`init ${name}`, 8)
    );
    // What the kernel writes has its place first: the names below are parts of it.
    const [ofSignal, ofForward, ofReap] = [signal, forward, reap].map((each) => this.#operands(each!.call));
    const [received, command, status] = ["signal", "command.pid", "command.status"].map((name) =>
      memory.slot(name)
    );
    a.label("init next");
    this.#call(signal!, { operands: ofSignal!, onError: "fail", store: taken });
    a.copy(received!, undefined, -SIG.SIGCHLD, { onZero: "init reap" });
    this.#call(forward!, { operands: ofForward! });
    a.jump("init next");
    a.label("init reap");
    this.#call(reap!, { operands: ofReap!, onError: "fail", onZero: "init next", store: reaped });
    a.copy({ address: reaped! }, other);
    a.add(other!, command!, -1, { onZero: "init over" });
    a.jump("init reap");
    a.label("init over");
    const code = memory.buffer("init code", 8);
    a.copy({ address: status!.address, mask: TERMINATING_SIGNAL }, undefined, 0, { onZero: "init exited" });
    a.copy({ address: status!.address, mask: TERMINATING_SIGNAL }, code, SIGNALLED);
    a.jump("init end");
    a.label("init exited");
    a.copy({ address: status!.address + 1, mask: EXIT_CODE }, code);
    a.label("init end");
    a.emit(this.#number("exit_group"), [{ address: code }]);
  }
}
