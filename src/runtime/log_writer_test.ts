/** Lines of a log: against the plainest way to make them of the same frames. */

import { deepEqual, equal } from "node:assert/strict";
import { chance } from "../../tests/chance.ts";
import { SampleRelay } from "./_sample_relay.ts";
import { LogStream } from "./log_stream.ts";
import { seekTail } from "./log_tail.ts";
import { type LineOptions, LogWriter } from "./log_writer.ts";
import { STDERR, STDOUT, type StreamOutput } from "./stream_output.ts";

type Name = "stdout" | "stderr";

interface Written {
  readonly name: Name;
  readonly second: number;
  readonly text: string;
}

interface Line {
  readonly name: Name;
  readonly second: number;
  text: string;
}

/** Collects what is put. */
class Collected {
  readonly texts = new Map([[STDOUT, ""], [STDERR, ""]]);

  put(fd: number, bytes: Uint8Array): void {
    this.texts.set(fd, this.texts.get(fd)! + new TextDecoder("latin1").decode(bytes));
  }
}

const PLAIN: LineOptions = { timestamps: false, details: false };

/** The lines of both streams in the order of their first bytes. */
function linesOf(written: readonly Written[]): Line[] {
  const lines: Line[] = [];
  const open: Partial<Record<Name, Line>> = {};
  for (const { name, second, text } of written) {
    for (const part of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const line = open[name] ??= addLine(lines, { name, second, text: "" });
      line.text += part;
      if (part.endsWith("\n")) delete open[name];
    }
  }
  return lines;
}

function addLine(lines: Line[], line: Line): Line {
  lines.push(line);
  return line;
}

function expected(lines: readonly Line[], { timestamps, details }: LineOptions): Record<Name, string> {
  const prefix = ({ second }: Line) => {
    const time = `${new Date(second * 1000).toISOString().slice(0, 19)}.000000000Z `;
    return (timestamps ? time : "") + (details ? " " : "");
  };
  const of = (name: Name) =>
    lines.filter((line) => line.name === name).map((line) => prefix(line) + line.text).join("");
  return { stdout: of("stdout"), stderr: of("stderr") };
}

/** What `logs` shows of the files, by the classes that it is made of. */
function shown(relay: SampleRelay, options: LineOptions & { readonly tail?: number }): Record<Name, string> {
  const output = new Collected();
  const writer = new LogWriter(output as unknown as StreamOutput, options);
  const { directory, maxFiles } = relay;
  const streams = (["stdout", "stderr"] as const).map((name) => new LogStream({ directory, name, maxFiles }));
  for (const stream of streams) stream.freeze();
  if (options.tail !== undefined) seekTail(streams, options.tail, writer);
  while (true) {
    const heads = streams.filter((stream) => stream.peek() !== undefined);
    const [next] = heads.sort((a, b) => a.peek()!.seconds - b.peek()!.seconds);
    if (next === undefined) break;
    writer.write(next.name, next.peek()!);
    next.take();
  }
  for (const stream of streams) stream[Symbol.dispose]();
  return { stdout: output.texts.get(STDOUT)!, stderr: output.texts.get(STDERR)! };
}

/** Writes random pieces of lines to both streams, in files that are begun now and then. */
function writeRandom(random: () => number, relays: Readonly<Record<Name, SampleRelay>>): Written[] {
  const written: Written[] = [];
  const count = Math.floor(random() * 40);
  for (let index = 0; index < count; index++) {
    const name: Name = random() < 0.5 ? "stdout" : "stderr";
    const length = random() < 0.1 ? 70_000 : Math.floor(random() * 12);
    const text = Array.from({ length }, () => random() < 0.3 ? "\n" : "abc"[Math.floor(random() * 3)]).join(
      "",
    );
    const second = 1_700_000_000 + index;
    const relay = relays[name];
    relay.second = second;
    relay.write(new TextEncoder().encode(text));
    written.push({ name, second, text });
    if (random() < 0.1) relay.rotate();
  }
  return written;
}

for (let seed = 1; seed <= 12; seed++) {
  Deno.test(`LogWriter and seekTail() show the lines that there are, seed ${seed}`, () => {
    const random = chance(seed);
    using stdout = new SampleRelay(100);
    using stderr = new SampleRelay(100, stdout);
    const lines = linesOf(writeRandom(random, { stdout, stderr }));
    deepEqual(shown(stdout, PLAIN), expected(lines, PLAIN), "all");
    const decorated = { timestamps: true, details: true };
    deepEqual(shown(stdout, decorated), expected(lines, decorated), "-t --details");
    for (const tail of [0, 1, 2, 7, 1000, 20_000, 1e9]) {
      const last = tail === 0 ? [] : lines.slice(-tail);
      deepEqual(shown(stdout, { ...PLAIN, tail }), expected(last, PLAIN), `-n ${tail}`);
    }
    const [since, until] = [5, 25].map((index) => ({ seconds: 1_700_000_000 + index, nanoseconds: 0 }));
    const between = lines.filter(({ second }) => second >= since!.seconds && second <= until!.seconds);
    deepEqual(shown(stdout, { ...PLAIN, since, until }), expected(between, PLAIN), "--since --until");
  });
}

Deno.test("LogWriter tells of losses, but not of those outside of what is shown", () => {
  const output = new Collected();
  const since = { seconds: 10, nanoseconds: 0 };
  const writer = new LogWriter(output as unknown as StreamOutput, { ...PLAIN, since });
  const at = (seconds: number) => ({ seconds, nanoseconds: 0, value: 0, content: new Uint8Array(0) });
  writer.tell("stdout", [5], at(9));
  writer.tell("stderr", [1, "unknown"], at(10));
  equal(
    output.texts.get(STDERR),
    "myctr: note: 1 byte of stderr could not be kept here\n" +
      "myctr: note: some of stderr may be missing here: it was written faster than it was read, and its oldest " +
      "file removed\n",
  );
});
