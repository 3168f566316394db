/**
 * Starts a kernel program and follows its records up to the running command, and to its end.
 * The order of what happens here is DESIGN's: pid -> id maps -> go -> mounted -> answer -> running -> exited.
 */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { SIG } from "../../ffi/constants/process.ts";
import { openPipe, read, readAsync, writeAll } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { type Outcome, unwrap } from "../../ffi/outcome.ts";
import { awaitEnd, hasProcess, kill, openPidfd, sendSignal, waitPid } from "../../ffi/process.ts";
import { instructionIndex, takeWord } from "../../ffi/program/instruction.ts";
import { CtrError } from "../errors.ts";
import { FD, otherNumbers, PROCESS_1 } from "../plan/descriptors.ts";
import { RECORD, RECORD_SIZE } from "../plan/records.ts";
import { type AttachedStream, STREAMS } from "../spec/parse_attach.ts";
import { openSelf } from "./open_self.ts";
import { startProgram } from "./start_program.ts";
import { stateRoot } from "./state_root.ts";
import { type EncodedPlan, placedCall } from "./encode_plan.ts";

/** What the monitor gets besides its pipes. */
export interface Handed {
  /** How ps(1) shows the program's processes. */
  readonly title: string;
  /** What it keeps of a container that it starts; or process 1 of the one that it joins. */
  readonly kept: { readonly lock: Fd; readonly exit: Fd } | { readonly process1: Fd };
  /** Those of the standard streams of this process that it shares; in place of the others it has /dev/null. */
  readonly streams: readonly AttachedStream[];
  /** A socket that takes the terminal's master, for this process; and one where others ask for the container's input. */
  readonly client?: Fd;
  readonly door?: Fd;
  /** Takes what the network helper says. */
  readonly network?: Fd;
}

/** A call that failed in the program. */
export interface Fault {
  /** Number of the call in the plan. */
  readonly call: number;
  readonly errno: number;
}

/** What happens on the way, for whoever started it. */
export interface Steps {
  /** The monitor runs, on another processor: time for what the mounts will need. */
  onStarted?(): void;
  /** Whether the monitor waits to be told that {@link onStarted} is done. */
  readonly isAwaited?: boolean;
  /** The container's process exists and waits: write its id maps, note its pid; or give the answer now. */
  onPid(pid: number, pidfd: Fd): Uint8Array<ArrayBuffer> | void;
  /** The program mounts by now, on another processor: time for what is needed later. */
  onReleased?(pid: number, pidfd: Fd): void;
  /** The root is in place, of a container that is made: look at it and give the answer. */
  onMounted?(pid: number): Uint8Array<ArrayBuffer>;
  /** No attempt to execute worked; the root is still there to be looked at. */
  onExhausted(attempts: readonly Fault[]): void;
  /** Something was tried and did not work, and the start goes on without it. */
  onNotice?(fault: Fault): void;
  /** Nobody takes what is written to the terminal any more, here where it comes out. */
  onHungUp?(): void;
  onPaused?(call: number, monitor: number, pid: number | undefined): void;
  onTrace?(call: number, result: number | bigint): void;
}

/** A container whose command runs. */
export interface Running {
  readonly monitor: number;
  readonly pid: number;
  readonly pidfd: Fd;
  /**
   * Waits for the end without stopping the event loop; gives the wait status, undefined where the monitor did not
   * live to report it: the container ended with it.
   *
   * @throws {LaunchFailure} when a call of monitor or relay failed meanwhile
   */
  wait(): Promise<Ended | undefined>;
  /** Lets it go on without us. */
  leave(): void;
  /** The same, of one that is waited for: its guard puts the terminal in order, and then this is over. */
  detach(): Promise<void>;
}

/** How process 1 ended. */
export interface Ended {
  /** As wait4(2) gives it. */
  readonly status: number;
  /** Whether it was ended because the time of --timeout was over. */
  readonly isTimedOut: boolean;
}

/** The program ended before the command ran: `fault` says where, unless it was killed. */
export class LaunchFailure extends Error {
  readonly fault: Fault | undefined;
  readonly attempts: readonly Fault[];

  constructor(fault: Fault | undefined, attempts: readonly Fault[]) {
    super("the program stopped");
    this.fault = fault;
    this.attempts = attempts;
  }
}

/**
 * Launches an encoded plan; returns when its command runs.
 *
 * @throws {LaunchFailure} when it does not come to that; every process of the program is gone then
 */
export function launch(encoded: EncodedPlan, handed: Handed, steps: Steps): Running {
  const go = unwrap(openPipe(), "make a pipe");
  const status = unwrap(openPipe(), "make a pipe");
  using kept = keptDescriptors(handed.kept);
  const hidden = STREAMS.flatMap((stream, number) => handed.streams.includes(stream) ? [] : [number]);
  using nothing = hidden.length === 0
    ? undefined
    : unwrap(openPath("/dev/null", { flags: O.O_RDWR }), "open /dev/null");
  const monitor = started(
    startProgram(encoded, {
      title: handed.title,
      directory: stateRoot(),
      descriptors: [
        ...(nothing === undefined ? [] : hidden.map((number) => [nothing.number, number] as const)),
        [go.reader.number, FD.go],
        [status.writer.number, FD.status],
        ...kept.descriptors,
        ...otherDescriptors(handed),
      ],
    }),
  );
  go.reader[Symbol.dispose]();
  status.writer[Symbol.dispose]();
  return new Launch(encoded, steps, { monitor, go: go.writer, status: status.reader }).follow();
}

interface KeptDescriptors extends Disposable {
  readonly descriptors: readonly (readonly [from: number, to: number])[];
}

function keptDescriptors(kept: Handed["kept"]): KeptDescriptors {
  if ("process1" in kept) {
    return { descriptors: [[kept.process1.number, PROCESS_1]], [Symbol.dispose]() {} };
  }
  const self = openSelf();
  const rows = [[kept.exit, FD.exit], [kept.lock, FD.lock], [self, FD.executable]] as const;
  return {
    descriptors: rows.map(([fd, number]) => [fd.number, number]),
    [Symbol.dispose]: () => self[Symbol.dispose](),
  };
}

function otherDescriptors(
  { kept, client, door, network }: Handed,
): readonly (readonly [from: number, to: number])[] {
  const isExec = "process1" in kept;
  const to = otherNumbers({
    isExec,
    hasClient: client !== undefined,
    hasDoor: door !== undefined,
    hasNetwork: network !== undefined,
  });
  return [
    ...(client === undefined ? [] : [[client.number, to.client!] as const]),
    ...(door === undefined ? [] : [[door.number, to.door!] as const]),
    ...(network === undefined ? [] : [[network.number, to.network!] as const]),
  ];
}

/** A security module may have a say in it: a program that has no path is none that a profile can name. */
function started(monitor: Outcome<number>): number {
  if (monitor.ok || monitor.errno !== ERRNO.EACCES) return unwrap(monitor, "start the program");
  throw new CtrError("unsupported", "Cannot start the program that makes the container: EACCES", {
    hint: "A security module forbids programs in memory: see doctor, and the module's messages in dmesg",
  });
}

/** How long the files of a process that was killed may be gone before it counts as ended. */
const ENDING_MS = 100;
/** How long a container whose monitor was killed may take to follow it. */
const FOLLOWING_MS = 10_000;

interface Ends {
  readonly monitor: number;
  readonly go: Fd;
  readonly status: Fd;
}

class Launch {
  readonly #encoded: EncodedPlan;
  readonly #steps: Steps;
  readonly #ends: Ends;
  readonly #attempts: Fault[] = [];
  #pending = new Uint8Array(0);
  #pid = 0;
  #pidfd: Fd | undefined;
  #fault: Fault | undefined;
  /** Settled by the guard's word, or by the end. */
  readonly #inOrder = Promise.withResolvers<void>();

  constructor(encoded: EncodedPlan, steps: Steps, ends: Ends) {
    this.#encoded = encoded;
    this.#steps = steps;
    this.#ends = ends;
  }

  follow(): Running {
    try {
      this.#steps.onStarted?.();
      if (this.#steps.isAwaited) this.#say(new Uint8Array(1));
      while (true) {
        const next = this.#read();
        if (next === undefined) break;
        if (next.tag === RECORD.running) return this.#running();
        this.#take(next.tag, next.value);
        if (this.#fault !== undefined) break;
      }
    } catch (error) {
      const isGone = this.#isGone();
      this.#abandon();
      if (!isGone) throw error;
      // Nothing can be done for a process that has ended: its own last words say why.
      throw new LaunchFailure(this.#fault, this.#attempts);
    }
    this.#abandon();
    throw new LaunchFailure(this.#fault, this.#attempts);
  }

  #isGone(): boolean {
    if (this.#pidfd !== undefined) return awaitEnd(this.#pidfd.number, ENDING_MS);
    return this.#pid !== 0 && !hasProcess(this.#pid);
  }

  #take(tag: number, value: number | bigint): void {
    if (tag === RECORD.pid) return this.#onPid(Number(value));
    if (tag === RECORD.mounted) return this.#say(this.#steps.onMounted!(this.#pid));
    if (tag === RECORD.exhausted) return this.#onExhausted();
    // It may come before it is known that the command runs.
    if (tag === RECORD.hungUp) return this.#steps.onHungUp?.();
    if (tag === RECORD.paused) {
      return this.#steps.onPaused?.(Number(value), this.#ends.monitor, this.#pid || undefined);
    }
    if (tag >= RECORD.trace && tag < RECORD.trace * 2) {
      return this.#steps.onTrace?.(tag - RECORD.trace, value);
    }
    if (tag > RECORD.trace) this.#onFault(tag, Number(value));
  }

  #onPid(pid: number): void {
    this.#pid = pid;
    // The process waits to be let go, so the number is still its own.
    this.#pidfd = unwrap(openPidfd(pid), "open the container's process");
    this.#say(this.#steps.onPid(pid, this.#pidfd) ?? new Uint8Array(1));
    this.#steps.onReleased?.(pid, this.#pidfd);
  }

  #onExhausted(): void {
    this.#steps.onExhausted(this.#attempts);
    this.#fault ??= this.#attempts.at(-1);
    this.#say(new Uint8Array(1));
  }

  #onFault(address: number, result: number): void {
    const call = this.#encoded.callOf.get(instructionIndex(address));
    if (call === undefined) throw new TypeError(`fault at ${address.toString(16)}`);
    const fault = { call, errno: -result };
    const { name, failure } = placedCall(this.#encoded.plan, call).call;
    if (failure === "attempt" && name === "execve") this.#attempts.push(fault);
    else if (failure === "attempt") this.#steps.onNotice?.(fault);
    else this.#fault ??= fault;
  }

  /** A program that has ended takes no more words; its last record says why. */
  #say(bytes: Uint8Array<ArrayBuffer>): void {
    writeAll(this.#ends.go.number, bytes);
  }

  #read(): { tag: number; value: number | bigint } | undefined {
    while (this.#pending.length < RECORD_SIZE) {
      const buffer = new Uint8Array(4096);
      const got = read(this.#ends.status.number, buffer);
      if (!got.ok || got.value === 0) return undefined;
      this.#append(buffer.subarray(0, got.value));
    }
    return this.#next();
  }

  #append(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    this.#pending = joined;
  }

  #next(): { tag: number; value: number | bigint } {
    const view = new DataView(this.#pending.buffer, this.#pending.byteOffset);
    const record = { tag: Number(takeWord(view, 0)), value: takeWord(view, 8) };
    this.#pending = this.#pending.subarray(RECORD_SIZE);
    return record;
  }

  #running(): Running {
    const { monitor } = this.#ends;
    return {
      monitor,
      pid: this.#pid,
      pidfd: this.#pidfd!,
      wait: () => this.#wait(),
      leave: () => this.#close(),
      detach: () => this.#detach(),
    };
  }

  async #detach(): Promise<void> {
    this.#ends.go[Symbol.dispose]();
    // The wait for the end reads on, and meets the guard's word.
    await this.#inOrder.promise;
  }

  async #wait(): Promise<Ended | undefined> {
    try {
      return await this.#readToEnd();
    } finally {
      this.#inOrder.resolve();
    }
  }

  async #readToEnd(): Promise<Ended | undefined> {
    let status: number | undefined;
    let isTimedOut = false;
    while (true) {
      while (this.#pending.length >= RECORD_SIZE) {
        const { tag, value } = this.#next();
        if (tag === RECORD.exited) status = Number(value);
        else if (tag === RECORD.inTime) isTimedOut = Number(value) === 0;
        else if (tag === RECORD.inOrder) this.#inOrder.resolve();
        else this.#take(tag, value);
      }
      const buffer = new Uint8Array(256);
      const count = await readAsync(this.#ends.status.number, buffer);
      if (!count.ok || count.value === 0) break;
      this.#append(buffer.subarray(0, count.value));
    }
    waitPid(this.#ends.monitor);
    if (status === undefined) awaitEnd(this.#pidfd!.number, FOLLOWING_MS);
    this.#close();
    if (this.#fault !== undefined) throw new LaunchFailure(this.#fault, this.#attempts);
    return status === undefined ? undefined : { status, isTimedOut };
  }

  /** Ends what is left of a start that failed, and waits until it is gone. */
  #abandon(): void {
    // The monitor first: its children follow it, and it can't take the closed pipe for myctr's own end.
    kill(this.#ends.monitor, SIG.SIGKILL);
    if (this.#pidfd !== undefined) sendSignal(this.#pidfd.number, SIG.SIGKILL);
    for (let next = this.#read(); next !== undefined; next = this.#read()) {
      if (next.tag >= RECORD.trace * 2) this.#onFault(next.tag, Number(next.value));
    }
    waitPid(this.#ends.monitor);
    this.#close();
  }

  #close(): void {
    this.#ends.go[Symbol.dispose]();
    this.#ends.status[Symbol.dispose]();
    this.#pidfd?.[Symbol.dispose]();
  }
}
