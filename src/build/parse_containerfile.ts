/** Reads a Containerfile: all of its instructions, or all that is wrong with it. Pure. */

import type { Instruction } from "./instruction.ts";
import { parseInstruction } from "./parse_instruction.ts";
import { type Problem, ProblemError } from "./problem.ts";
import { splitSource } from "./source_lines.ts";

/** A file, read. */
export interface Containerfile {
  readonly instructions: readonly Instruction[];
  /** `\` or a backtick. */
  readonly escape: string;
  /** In the order of their lines; where there are any, nothing is built. */
  readonly problems: readonly Problem[];
}

/** Reads it. An instruction that can't be read does not hide what is wrong with the next one. */
export function parseContainerfile(text: string): Containerfile {
  const { instructions: lines, escape, problems: found } = splitSource(text);
  const problems = [...found];
  const instructions: Instruction[] = [];
  for (const line of lines) {
    try {
      instructions.push(parseInstruction(line, escape));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(error.problem);
    }
  }
  if (lines.length === 0) {
    problems.push({
      at: { line: 1, column: 1 },
      message: "there is no instruction",
      hint: "Begin with FROM",
    });
  }
  return { instructions, escape, problems: problems.sort((a, b) => a.at.line - b.at.line) };
}
