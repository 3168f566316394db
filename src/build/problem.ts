/** What is wrong in a Containerfile, and where. Pure. */

/** A place in the file, both counted from 1; a column is one of UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. */
export interface Problem {
  readonly at: Position;
  /** What was found, as the second half of a sentence. */
  readonly message: string;
  readonly hint?: string;
}

/** Thrown while one instruction is read; the reader goes on with the next one. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(at: Position, message: string, hint?: string) {
    super(message);
    this.problem = { at, message, ...(hint !== undefined && { hint }) };
  }
}

/** The longest part of a line that is shown. */
const LINE_WIDTH = 120;

/** Writes problems with the lines that they are in, each with a mark below its column. */
export function renderProblems(problems: readonly Problem[], file: string, text: string): string {
  const lines = text.split(/\r?\n/);
  return problems.map(({ at, message, hint }) => {
    const line = (lines[at.line - 1] ?? "").replaceAll("\t", " ");
    const from = Math.max(0, at.column - 1 - LINE_WIDTH / 2);
    const shown = line.slice(from, from + LINE_WIDTH);
    const mark = `${" ".repeat(at.column - 1 - from)}^`;
    const told = hint === undefined ? "" : `  hint  ${hint}\n`;
    return `${file}:${at.line}:${at.column}: ${message}\n  ${shown}\n  ${mark}\n${told}`;
  }).join("");
}
