/** `myctr events`: what happened to containers, and what happens now. */

import { errnoText } from "../../ffi/constants/errno.ts";
import { IN } from "../../ffi/constants/inotify.ts";
import type { Fd } from "../../ffi/fd.ts";
import { addWatch, openInotify, takeEvents } from "../../ffi/inotify.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { awaitInput } from "../../ffi/poll.ts";
import { exitCodeOf } from "../../ffi/wait_status.ts";
import { CtrError } from "../errors.ts";
import { FRAME } from "../plan/frame.ts";
import { compareInstants, type Instant, instantOfMs, millisecondsBetween } from "../spec/parse_time.ts";
import { maybeReadState } from "./container_state.ts";
import { makeStateRoot } from "./container_store.ts";
import { eventsPath, type EventSubject, type EventText } from "./events.ts";
import { type Frame, type FrameFile, START } from "./frame_file.ts";
import { openFrameFiles, openNewer } from "./open_frame_files.ts";
import { stateRoot } from "./state_root.ts";
import { ReaderGone, STDOUT, StreamOutput } from "./stream_output.ts";

/** Something that happened to a container. */
export interface ToldEvent extends Instant {
  readonly action: string;
  readonly id: string;
  /** Docker's: labels, `image`, `name`, and what else there is to say, such as `exitCode`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Which events are shown, and how. */
export interface EventsOptions {
  /** Without it and `until` only what happens from now on. */
  readonly since?: Instant | undefined;
  /** Without it there is no end. */
  readonly until?: Instant | undefined;
  /** Gives what is printed; undefined for nothing. */
  readonly render: (event: ToldEvent) => string | undefined;
}

/** Writes events to standard output. @throws {CtrError} code "bad_state" where that can't be written to */
export function showEvents(options: EventsOptions): void {
  makeStateRoot();
  try {
    using events = new Events(options);
    events.show();
  } catch (error) {
    if (!(error instanceof ReaderGone)) throw error;
  }
}

/** A file, and the one before it: who opened that may still add to it. */
const MOST_FILES = 2;
const encoder = new TextEncoder();

class Events implements Disposable {
  readonly #options: EventsOptions;
  readonly #since: Instant;
  readonly #paths = [eventsPath(), `${eventsPath()}.1`];
  readonly #output = new StreamOutput();
  readonly #inotify: Fd;
  readonly #files: FrameFile[];
  /** What is known of each container: the event of an end has only its id. */
  readonly #subjects = new Map<string, EventSubject>();

  constructor(options: EventsOptions) {
    const { since, until } = options;
    this.#options = options;
    this.#since = since ?? instantOfMs(until === undefined ? Date.now() : 0);
    this.#inotify = must(openInotify());
    must(addWatch(this.#inotify.number, stateRoot(), IN.IN_MODIFY | IN.IN_MOVED_TO | IN.IN_CREATE));
    this.#files = openFrameFiles(this.#paths, START.events);
  }

  show(): void {
    const { until } = this.#options;
    while (true) {
      for (const file of this.#files) this.#drain(file);
      this.#output.flush();
      const left = until === undefined ? undefined : millisecondsBetween(instantOfMs(Date.now()), until);
      if (left !== undefined && left <= 0) return;
      const awaited = must(awaitInput(this.#inotify.number, { output: STDOUT, milliseconds: left }));
      if (awaited === "hangup") return;
      takeEvents(this.#inotify.number);
      this.#files.push(...openNewer(this.#paths, START.events, this.#files.at(-1)).files);
      while (this.#files.length > MOST_FILES) this.#close(this.#files.shift()!);
    }
  }

  #close(file: FrameFile): void {
    this.#drain(file);
    file[Symbol.dispose]();
  }

  #drain(file: FrameFile): void {
    while (true) {
      const frame = file.peek();
      const text = frame === undefined ? undefined : maybeEvent(frame);
      if (text !== undefined) {
        this.#tell(frame!, text);
        file.take();
      } else if (!skipTorn(file, frame !== undefined)) return;
    }
  }

  #tell(frame: Frame, text: EventText): void {
    const { id } = text;
    const subject = this.#subject(text);
    const { until, render } = this.#options;
    if (compareInstants(frame, this.#since) < 0 || until !== undefined && compareInstants(frame, until) > 0) {
      return;
    }
    // What an exec runs is a part of the action with docker, not an attribute.
    const { command, ...more } = text.attributes ?? {};
    const action = command === undefined ? text.action : `${text.action}: ${command}`;
    const attributes = {
      ...subject?.labels,
      ...(subject !== undefined && { image: subject.image, name: subject.name }),
      ...more,
      ...((action === "die" || action === "exec_die") && { exitCode: String(exitCodeOf(frame.value)) }),
    };
    const { seconds, nanoseconds } = frame;
    const rendered = render({ seconds, nanoseconds, action, id, attributes });
    if (rendered !== undefined) this.#output.put(STDOUT, encoder.encode(rendered));
  }

  #subject(text: EventText): EventSubject | undefined {
    const { action, id } = text;
    const known = text.name !== undefined ? text : this.#subjects.get(id) ?? maybeReadState(id);
    if (known !== undefined) this.#subjects.set(id, known);
    if (action === "destroy") this.#subjects.delete(id);
    return known;
  }

  [Symbol.dispose](): void {
    this.#inotify[Symbol.dispose]();
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

function maybeEvent({ content }: Frame): EventText | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content)) as EventText;
  } catch {
    return undefined;
  }
}

/** How each event's text begins; in a text this can not stand, since quotes are escaped there. */
const BEGINNING = '{"action":';

/**
 * A full disk may have taken half a frame: goes on with the first whole one behind it, where there is one. A frame that
 * has become whole since it was looked at is none of these.
 */
function skipTorn(file: FrameFile, isWhole: boolean): boolean {
  const text = new TextDecoder("latin1").decode(file.bytes());
  if (!isWhole && file.peek() !== undefined) return true;
  const at = text.indexOf(BEGINNING, FRAME.size + 1);
  if (at < 0) return false;
  file.seek(file.offset + at - FRAME.size);
  return true;
}

function must<Value>(result: Outcome<Value>): Value {
  if (result.ok) return result.value;
  throw new CtrError("syscall", `Cannot follow events: ${errnoText(result.errno)}`, {
    hint: "Close other programs that follow files, or raise /proc/sys/fs/inotify/max_user_instances",
  });
}
