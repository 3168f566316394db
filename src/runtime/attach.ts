/** `myctr attach`: what a container writes from now on is shown here, and what is typed here goes to it. */

import { SIG } from "../../ffi/constants/process.ts";
import { lock, openPipe, unlock, writeAllAsync } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { takeEvents } from "../../ffi/inotify.ts";
import { O } from "../../ffi/machine.ts";
import { type Outcome, unwrap } from "../../ffi/outcome.ts";
import { awaitInputAsync } from "../../ffi/poll.ts";
import { kill, sendSignal, waitPid } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { readTerminal } from "../host/read_terminal.ts";
import { FD } from "../plan/descriptors.ts";
import { buildGuardPlan } from "../plan/guard_plan.ts";
import type { DetachKeys } from "../spec/detach_keys.ts";
import { parseLog } from "../spec/log_options.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import { containerDirectory, KILLED, maybeReadExitCode, readSpec } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { maybeEnter } from "./door.ts";
import { encodePlan } from "./encode_plan.ts";
import { forwardSignals } from "./forward_signals.ts";
import { isPaused } from "./is_paused.ts";
import { Keyboard, refuseNoTerminal } from "./keyboard.ts";
import { type LiveContainer, maybeOpenLive } from "./live_container.ts";
import { LogStream, type Loss } from "./log_stream.ts";
import { lossText } from "./log_writer.ts";
import { mustFollow, watchLog } from "./log_watch.ts";
import { note } from "./note.ts";
import { startProgram } from "./start_program.ts";
import { stateRoot } from "./state_root.ts";
import { outputError, ReaderGone, STDERR, STDOUT } from "./stream_output.ts";

/** How somebody attaches. */
export interface AttachOptions {
  readonly detachKeys?: DetachKeys;
  /** Whether what is typed here stays here. */
  readonly noStdin?: boolean;
  /** Whether signals to myctr are passed on; to a container with a terminal none are. @default true */
  readonly sigProxy?: boolean;
}

const FOLLOWING = "follow what the container writes";
/** So much is written at once. */
const PIECE_SIZE = 64 * 1024;

/**
 * Attaches to a container until it ends, whose exit code is the result; 0 where the keys were typed that leave it.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (it does not run), "unsupported" (its output is not kept)
 */
export async function attach(reference: string, options: AttachOptions): Promise<number> {
  const id = findContainer(reference);
  using live = openRunning(id, reference);
  const spec = readSpec(id);
  const { driver, maxFiles } = parseLog(spec.annotations);
  if (driver === "none") {
    throw new CtrError(
      "unsupported",
      `Cannot attach to container "${reference}": its output is kept nowhere`,
      {
        hint: "Make the container without --log-driver none",
      },
    );
  }
  using output = new Output(id, maxFiles);
  using visit = new Visit(live, spec, options);
  visit.begin(containerDirectory(id));
  try {
    return await Promise.race([output.follow(), visit.left.then(() => 0)]);
  } catch (error) {
    // As who leaves by keys: the container goes on.
    if (error instanceof ReaderGone) return 0;
    throw error;
  }
}

function openRunning(id: string, reference: string): LiveContainer {
  const live = maybeOpenLive(id, reference);
  if (live === undefined) {
    throw new CtrError("bad_state", `Cannot attach to container "${reference}": it does not run`, {
      hint: `Write "myctr start -a ${reference}", or "myctr logs ${reference}" for what it wrote`,
    });
  }
  if (!isPaused(live.state)) return live;
  live[Symbol.dispose]();
  throw new CtrError("bad_state", `Cannot attach to container "${reference}": it is paused`, {
    hint: `Write "myctr unpause ${reference}" first`,
  });
}

/** What comes from here: keys, sizes, signals. */
class Visit implements Disposable {
  readonly #live: LiveContainer;
  readonly #keyboard: Keyboard;
  readonly #settings: Uint8Array<ArrayBuffer> | undefined;
  readonly #hasTerminal: boolean;
  readonly #isTyping: boolean;
  readonly #sigProxy: boolean;
  readonly #undo = new DisposableStack();

  constructor(live: LiveContainer, spec: Spec, { detachKeys, noStdin, sigProxy }: AttachOptions) {
    this.#live = live;
    this.#hasTerminal = spec.process.terminal === true;
    this.#isTyping = !noStdin && spec.annotations[ANNOTATION.interactive] === "true";
    this.#sigProxy = sigProxy !== false && !this.#hasTerminal;
    if (this.#hasTerminal) {
      refuseNoTerminal({ isTyping: this.#isTyping, hint: "Write --no-stdin to look on" });
    }
    this.#settings = this.#hasTerminal ? readTerminal({ isTyping: this.#isTyping }).settings : undefined;
    this.#keyboard = new Keyboard({
      settings: this.#settings,
      keys: detachKeys,
      isTyping: this.#isTyping,
      hasTerminal: this.#hasTerminal,
    });
  }

  get left(): Promise<void> {
    return this.#keyboard.left;
  }

  begin(directory: string): void {
    if (this.#sigProxy) {
      const stop = forwardSignals((signal) => {
        if (this.#live.pidfd !== undefined) sendSignal(this.#live.pidfd.number, signal);
      });
      this.#undo.defer(stop);
    }
    if (!this.#isTyping && !this.#hasTerminal) return;
    const input = maybeEnter(directory);
    if (input === undefined) {
      if (this.#isTyping) {
        note("what you type goes nowhere: the input is that of whoever started the container");
      }
      return;
    }
    if (this.#settings !== undefined) this.#undo.use(guard(this.#settings));
    this.#undo.defer(() => this.#keyboard.end());
    this.#keyboard.makeRaw();
    this.#keyboard.begin(input);
    if (this.#hasTerminal) this.#keyboard.redraw();
  }

  [Symbol.dispose](): void {
    this.#undo[Symbol.dispose]();
  }
}

/** Starts the process that puts the terminal in order if this one is killed; it is ended when that is not needed. */
function guard(settings: Uint8Array<ArrayBuffer>): Disposable {
  const go = unwrap(openPipe(), "make a pipe");
  using status = unwrap(openPipe(), "make a pipe");
  const pid = unwrap(
    startProgram(encodePlan(buildGuardPlan(settings)), {
      title: "myctr: guard of a terminal",
      directory: stateRoot(),
      descriptors: [[go.reader.number, FD.go], [status.writer.number, FD.status]],
    }),
    "start the program that guards the terminal",
  );
  return {
    [Symbol.dispose]() {
      kill(pid, SIG.SIGKILL);
      waitPid(pid);
      go[Symbol.dispose]();
    },
  };
}

/** What the container writes: its log, from now on. Its files are held open, as it may be removed at its end. */
class Output implements Disposable {
  readonly #files = new DisposableStack();
  readonly #streams: readonly LogStream[];
  readonly #inotify: Fd;
  readonly #exit: Fd;
  readonly #lock: Fd;
  #isOver = false;

  constructor(id: string, maxFiles: number) {
    const directory = containerDirectory(id);
    this.#inotify = this.#files.use(watchLog(directory, FOLLOWING));
    this.#exit = this.#files.use(must(openPath(`${directory}/exit`, { flags: O.O_RDONLY })));
    this.#lock = this.#files.use(must(openPath(`${directory}/lock`, { flags: O.O_RDONLY })));
    this.#streams = (["stdout", "stderr"] as const).map((name) =>
      this.#files.use(new LogStream({ directory, name, maxFiles }))
    );
    for (const stream of this.#streams) stream.skip();
  }

  /** Shows it to the end; gives the exit code. */
  async follow(): Promise<number> {
    const end = this.#end();
    while (true) {
      // What was written before the end is there when the end is seen: one more look is the last.
      const isLast = this.#isOver;
      for (const stream of this.#streams) stream.look();
      await this.#show();
      if (isLast) return await end;
      await Promise.race([end, this.#change()]);
    }
  }

  async #change(): Promise<void> {
    if (await awaitInputAsync(this.#inotify.number)) takeEvents(this.#inotify.number);
  }

  /** The monitor holds the lock for as long as it lives; it ends last. */
  async #end(): Promise<number> {
    must(await lock(this.#lock.number, "shared"));
    unlock(this.#lock.number);
    this.#isOver = true;
    return maybeReadExitCode(this.#exit.number) ?? KILLED;
  }

  async #show(): Promise<void> {
    for (const stream of this.#streams) {
      tell(stream.name, stream.takeLosses());
      const fd = stream.name === "stdout" ? STDOUT : STDERR;
      for (let piece = takePiece(stream); piece.length > 0; piece = takePiece(stream)) {
        const wrote = await writeAllAsync(fd, piece);
        if (!wrote.ok) throw outputError(fd, wrote.errno);
        tell(stream.name, stream.takeLosses());
      }
    }
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

/** Takes frames up to about a piece; none where nothing is there. */
function takePiece(stream: LogStream): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let frame = stream.peek(); frame !== undefined && size < PIECE_SIZE; frame = stream.peek()) {
    parts.push(frame.content.slice());
    size += frame.content.length;
    stream.take();
  }
  const piece = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    piece.set(part, at);
    at += part.length;
  }
  return piece;
}

function tell(name: string, losses: readonly Loss[]): void {
  for (const loss of losses) note(lossText(name, loss));
}

function must<Value>(result: Outcome<Value>): Value {
  return mustFollow(result, FOLLOWING);
}
