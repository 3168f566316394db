/** Finds where the last lines of a log begin, without looking at the lines before them. */

import { START } from "./frame_file.ts";
import type { LogStream } from "./log_stream.ts";
import type { LogWriter } from "./log_writer.ts";

/** A place in a stream, at the head of a frame. */
interface Mark {
  /** Of the file, from the oldest. */
  readonly index: number;
  readonly offset: number;
  /** Whether the frame goes on with a line that began before it. */
  readonly isInLine: boolean;
}

/** So far the marks are apart. */
const STEP = 64 * 1024;
const NEWLINE = 10;

/**
 * Takes the streams to their last lines, `count` of both together: each stream from a mark on behind which it has so
 * many, and what they have too many is left out in the order of time. The streams are frozen meanwhile.
 */
export function seekTail(streams: readonly LogStream[], count: number, writer: LogWriter): void {
  let found = 0;
  for (const stream of streams) {
    const { mark, lines } = findTail(stream, count);
    found += lines;
    writer.begin(stream.name, mark.isInLine);
    stream.startAt(mark.index, mark.offset);
  }
  writer.skip(Math.max(found - count, 0));
}

function findTail(stream: LogStream, count: number): { readonly mark: Mark; readonly lines: number } {
  const marks = listMarks(stream);
  let at = marks.length - 1;
  let lines = 0;
  while (at > 0 && lines < count) {
    at--;
    const [from, to] = [marks[at]!, marks[at + 1]!];
    lines += countLines(stream, from, to);
    // It is not looked at again before it is shown.
    if (from.index < to.index) stream.files[to.index]!.rest();
  }
  return { mark: marks[at]!, lines };
}

/** Marks through all files; the last one is their end. */
function listMarks({ files }: LogStream): readonly Mark[] {
  const marks: Mark[] = [];
  let isInLine = false;
  for (const [index, file] of files.entries()) {
    file.seek(START.log);
    let next = 0;
    for (let frame = file.peek(); frame !== undefined; frame = file.peek()) {
      if (file.offset >= next) {
        marks.push({ index, offset: file.offset, isInLine });
        next = file.offset + STEP;
      }
      if (frame.content.length > 0) isInLine = frame.content.at(-1) !== NEWLINE;
      file.take();
    }
    file.rest();
  }
  const index = Math.max(files.length - 1, 0);
  return [...marks, { index, offset: files[index]?.offset ?? START.log, isInLine }];
}

/** Counts the lines that begin between two marks. */
function countLines({ files }: LogStream, from: Mark, to: Mark): number {
  let [count, isInLine] = [0, from.isInLine];
  for (let index = from.index; index <= to.index; index++) {
    const file = files[index]!;
    file.seek(index === from.index ? from.offset : START.log);
    for (let frame = file.peek(); frame !== undefined; frame = file.peek()) {
      if (index === to.index && file.offset >= to.offset) break;
      for (let at = 0; at < frame.content.length;) {
        if (!isInLine) count++;
        const newline = frame.content.indexOf(NEWLINE, at);
        isInLine = newline < 0;
        at = newline < 0 ? frame.content.length : newline + 1;
      }
      file.take();
    }
  }
  return count;
}
