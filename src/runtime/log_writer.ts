/** Writes frames of a log: as they are, or line by line where lines are asked for. A line has the time of its first byte. */

import { compareInstants, type Instant } from "../spec/parse_time.ts";
import type { Frame } from "./frame_file.ts";
import type { Loss } from "./log_stream.ts";
import { STDERR, STDOUT, type StreamOutput } from "./stream_output.ts";

/** Which lines are shown, and with what. */
export interface LineOptions {
  /** Its time before each line. */
  readonly timestamps: boolean;
  /** Docker's place for what a log driver was asked to add: here that is nothing, and a blank behind it. */
  readonly details: boolean;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
}

/** Where a stream stands. */
interface Place {
  isInLine: boolean;
  /** Whether the line that it is in is shown. */
  isShown: boolean;
}

const NEWLINE = 10;
const encoder = new TextEncoder();

/** Writes both streams of a log. */
export class LogWriter {
  readonly #output: StreamOutput;
  readonly #options: LineOptions;
  readonly #hasPrefix: boolean;
  readonly #places = {
    stdout: { isInLine: false, isShown: true } as Place,
    stderr: { isInLine: false, isShown: true } as Place,
  };
  #skip = 0;
  #second = NaN;
  #secondText = "";

  constructor(output: StreamOutput, options: LineOptions) {
    this.#output = output;
    this.#options = options;
    this.#hasPrefix = options.timestamps || options.details;
  }

  /** Leaves out the next lines that begin, over both streams. */
  skip(lines: number): void {
    this.#skip = lines;
  }

  /** A stream is taken up at another place than its beginning. */
  begin(name: "stdout" | "stderr", isInLine: boolean): void {
    this.#places[name] = { isInLine, isShown: false };
  }

  /** Writes what of a frame is shown. */
  write(name: "stdout" | "stderr", frame: Frame): void {
    const { content } = frame;
    if (content.length === 0) return;
    const place = this.#places[name];
    const isWanted = this.#isWanted(frame);
    const isOpen = place.isInLine && place.isShown;
    const isAll = isWanted && !this.#hasPrefix && (isOpen || !place.isInLine);
    if (this.#skip > 0 || !isAll && (isWanted || isOpen)) {
      this.#writeLines(name, frame, isWanted);
      return;
    }
    if (isAll) this.#put(name, content);
    place.isShown = isAll;
    place.isInLine = content[content.length - 1] !== NEWLINE;
  }

  #writeLines(name: "stdout" | "stderr", frame: Frame, isWanted: boolean): void {
    const { content } = frame;
    const place = this.#places[name];
    const prefix = this.#hasPrefix ? this.#prefix(frame) : undefined;
    for (let from = 0; from < content.length;) {
      if (!place.isInLine) {
        place.isShown = isWanted && this.#skip === 0;
        if (this.#skip > 0) this.#skip--;
        if (place.isShown && prefix !== undefined) this.#put(name, prefix);
      }
      const newline = content.indexOf(NEWLINE, from);
      const end = newline < 0 ? content.length : newline + 1;
      if (place.isShown) this.#put(name, content.subarray(from, end));
      place.isInLine = newline < 0;
      from = end;
    }
  }

  /** Says what is missing, where it is missing. */
  tell(name: "stdout" | "stderr", losses: readonly Loss[], at: Frame | undefined): void {
    if (losses.length === 0 || this.#skip > 0 || at !== undefined && !this.#isWanted(at)) return;
    for (const loss of losses) {
      this.#output.put(STDERR, encoder.encode(`myctr: note: ${lossText(name, loss)}\n`));
    }
  }

  #isWanted(frame: Frame): boolean {
    const { since, until } = this.#options;
    return (since === undefined || compareInstants(frame, since) >= 0) &&
      (until === undefined || compareInstants(frame, until) <= 0);
  }

  #put(name: "stdout" | "stderr", bytes: Uint8Array<ArrayBuffer>): void {
    this.#output.put(name === "stdout" ? STDOUT : STDERR, bytes);
  }

  #prefix({ seconds, nanoseconds }: Frame): Uint8Array<ArrayBuffer> {
    const details = this.#options.details ? " " : "";
    if (!this.#options.timestamps) return encoder.encode(details);
    if (seconds !== this.#second) {
      this.#second = seconds;
      this.#secondText = new Date(seconds * 1000).toISOString().slice(0, "2026-01-31T12:00:00".length);
    }
    return encoder.encode(`${this.#secondText}.${String(nanoseconds).padStart(9, "0")}Z ${details}`);
  }
}

/** Says what is missing, for people. */
export function lossText(name: string, loss: Loss): string {
  if (loss === "unknown") {
    return `some of ${name} may be missing here: it was written faster than it was read, and its oldest file removed`;
  }
  return `${loss} ${loss === 1 ? "byte" : "bytes"} of ${name} could not be kept here`;
}
