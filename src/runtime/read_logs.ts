/** `myctr logs`: what a container wrote, in the order in which it wrote it; and what it writes now. */

import { IN } from "../../ffi/constants/inotify.ts";
import type { Fd } from "../../ffi/fd.ts";
import { addWatch, type FileEvent, takeEvents } from "../../ffi/inotify.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { awaitInput } from "../../ffi/poll.ts";
import { CtrError } from "../errors.ts";
import { parseLog } from "../spec/log_options.ts";
import { compareInstants, instantOfMs, millisecondsBetween } from "../spec/parse_time.ts";
import { containerDirectory, maybeReadExit, readSpec, readState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { LogStream } from "./log_stream.ts";
import { mustFollow, watchLog } from "./log_watch.ts";
import { seekTail } from "./log_tail.ts";
import { type LineOptions, LogWriter } from "./log_writer.ts";
import { ReaderGone, STDOUT, StreamOutput } from "./stream_output.ts";

/** What is shown of a log. */
export interface LogsOptions extends LineOptions {
  /** Whether to go on until the container ends. */
  readonly follow: boolean;
  /** Only so many of the last lines, of both streams together. */
  readonly tail?: number | undefined;
}

const NAMES = ["stdout", "stderr"] as const;

/**
 * Writes a container's log to the streams that it was written to.
 *
 * @throws {CtrError} code "not_found", "conflict", "unsupported" (no log is kept), "bad_state" (it can't be written)
 */
export function readLogs(reference: string, options: LogsOptions): void {
  const id = findContainer(reference);
  readState(id, reference);
  const { driver, maxFiles } = parseLog(readSpec(id).annotations);
  if (driver === "none") {
    throw new CtrError("unsupported", `Cannot read the log of container "${reference}": none is kept`, {
      hint: "Make the container without --log-driver none",
    });
  }
  try {
    using log = new Log(id, { ...options, maxFiles });
    log.show();
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
  }
}

class Log implements Disposable {
  readonly #id: string;
  readonly #options: LogsOptions;
  readonly #output = new StreamOutput();
  readonly #writer: LogWriter;
  readonly #end: EndWatch | undefined;
  readonly #isRunning: boolean;
  readonly #streams: readonly LogStream[];

  constructor(id: string, options: LogsOptions & { readonly maxFiles: number }) {
    const { follow, maxFiles } = options;
    this.#id = id;
    this.#options = options;
    this.#writer = new LogWriter(this.#output, options);
    // What happens from here on is told; what happened before can be seen.
    this.#end = follow ? new EndWatch(id) : undefined;
    this.#isRunning = isLocked(id);
    this.#streams = NAMES.map((name) => new LogStream({ directory: containerDirectory(id), name, maxFiles }));
  }

  show(): void {
    const { tail } = this.#options;
    for (const stream of this.#streams) stream.freeze();
    if (tail !== undefined) seekTail(this.#streams, tail, this.#writer);
    this.#drain();
    if (this.#end !== undefined && this.#isRunning) this.#follow(this.#end);
    else this.#finish();
    this.#output.flush();
  }

  /** Writes the frames that are there, of both streams by their times. */
  #drain(): void {
    while (true) {
      const stream = this.#next();
      if (stream === undefined) break;
      const frame = stream.peek()!;
      this.#writer.tell(stream.name, stream.takeLosses(), frame);
      this.#writer.write(stream.name, frame);
      stream.take();
    }
  }

  #next(): LogStream | undefined {
    const [stdout, stderr] = this.#streams as [LogStream, LogStream];
    const [first, second] = [stdout.peek(), stderr.peek()];
    if (first === undefined) return second === undefined ? undefined : stderr;
    return second !== undefined && compareInstants(second, first) < 0 ? stderr : stdout;
  }

  #follow(end: EndWatch): void {
    for (const stream of this.#streams) stream.release();
    for (let isOver = false; !isOver;) {
      this.#drain();
      this.#output.flush();
      const awaited = end.wait(this.#options.until);
      if (awaited === "hangup") return;
      isOver = awaited === "time" || awaited === "end";
      for (const stream of this.#streams) stream.look();
    }
    this.#drain();
    this.#finish();
  }

  /** Nothing more is waited for: tells what is missing at the end. */
  #finish(): void {
    const isEnded = !isLocked(this.#id);
    for (const stream of this.#streams) {
      stream.finish({ isEnded });
      this.#writer.tell(stream.name, stream.takeLosses(), undefined);
    }
  }

  [Symbol.dispose](): void {
    this.#end?.[Symbol.dispose]();
    for (const stream of this.#streams) stream[Symbol.dispose]();
  }
}

/** Is told of what is written to a container's log, and of its end: nothing is asked in between. */
class EndWatch implements Disposable {
  readonly #id: string;
  readonly #inotify: Fd;
  readonly #exit: number;

  constructor(id: string) {
    const directory = containerDirectory(id);
    this.#id = id;
    this.#inotify = watchLog(directory, "follow the log");
    // The monitor writes there when the last byte is in the log, and has it open for as long as it lives.
    this.#exit = must(addWatch(this.#inotify.number, `${directory}/exit`, IN.IN_MODIFY | IN.IN_CLOSE_WRITE));
  }

  wait(until: LineOptions["until"]): "change" | "end" | "hangup" | "time" {
    const left = until === undefined ? undefined : millisecondsBetween(instantOfMs(Date.now()), until);
    const awaited = must(awaitInput(this.#inotify.number, {
      output: STDOUT,
      milliseconds: left,
    }));
    if (awaited !== "input") return awaited;
    return takeEvents(this.#inotify.number).some((event) => this.#isEnd(event)) ? "end" : "change";
  }

  #isEnd({ watch, mask }: FileEvent): boolean {
    if (watch !== this.#exit && watch >= 0) return false;
    return (mask & IN.IN_CLOSE_WRITE) !== 0 || maybeReadExit(this.#id) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#inotify[Symbol.dispose]();
  }
}

function must<Value>(result: Outcome<Value>): Value {
  return mustFollow(result, "follow the log");
}
