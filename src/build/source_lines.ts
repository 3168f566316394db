/**
 * Splits a Containerfile into instructions: directives, comments, continued lines, heredocs. Pure.
 * Source: docs.docker.com, Dockerfile reference, "Parser directives", "Here-documents"; the rules that it leaves out are
 * those of BuildKit's files of examples.
 */

import type { Position, Problem } from "./problem.ts";
import { splitWords } from "./words.ts";

/** The lines of one instruction, put together. */
export interface InstructionLine {
  readonly text: string;
  /** Where the character at an index of `text` stands in the file. */
  readonly positionOf: (index: number) => Position;
  readonly heredocs: readonly Heredoc[];
}

/** A document that stands behind its instruction. */
export interface Heredoc {
  /** Its end, without quotes. */
  readonly name: string;
  /** Without the line that ends it. */
  readonly content: string;
  /** Whether variables in it are replaced: its name was not quoted. */
  readonly isExpanded: boolean;
  /** `<<-`: tabs at the beginning of its lines are not part of it. */
  readonly isChomped: boolean;
}

/** What a file is made of. */
export interface SourceLines {
  readonly instructions: readonly InstructionLine[];
  /** `\` or a backtick. */
  readonly escape: string;
  readonly problems: readonly Problem[];
}

/** Instructions that may have documents. */
const WITH_HEREDOCS = /^\s*(?:onbuild\s+)?(?:add|copy|run)\s/i;
const COMMENT = /^\s*#/;
const DIRECTIVE = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const DIRECTIVES: ReadonlySet<string> = new Set(["syntax", "escape", "check"]);

/** Splits it. */
export function splitSource(text: string): SourceLines {
  return new Splitter(text).split();
}

class Splitter {
  readonly #lines: readonly string[];
  readonly #instructions: InstructionLine[] = [];
  readonly #problems: Problem[] = [];
  #escape = "\\";
  #at = 0;

  constructor(text: string) {
    this.#lines = text.replace(/^\uFEFF/, "").split("\n");
  }

  split(): SourceLines {
    this.#readDirectives();
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at]!;
      if (line.trim() === "" || COMMENT.test(line)) this.#at++;
      else this.#readInstruction();
    }
    return { instructions: this.#instructions, escape: this.#escape, problems: this.#problems };
  }

  /** They stand before everything else, comments too; the first line that is none ends them. */
  #readDirectives(): void {
    const seen = new Set<string>();
    for (; this.#at < this.#lines.length; this.#at++) {
      const [, name = "", value = ""] = DIRECTIVE.exec(this.#lines[this.#at]!) ?? [];
      const key = name.toLowerCase();
      if (!DIRECTIVES.has(key)) return;
      const at = { line: this.#at + 1, column: 1 };
      if (seen.has(key)) this.#problems.push({ at, message: `directive ${key} is there a second time` });
      seen.add(key);
      if (key !== "escape") continue;
      if (value === "\\" || value === "`") this.#escape = value;
      else {
        this.#problems.push({
          at,
          message: `${JSON.stringify(value)} is no escape character`,
          hint: "Choose from \\ and `",
        });
      }
    }
  }

  #readInstruction(): void {
    const pieces: Piece[] = [];
    let length = 0;
    let isFirst = true;
    while (this.#at < this.#lines.length) {
      const number = this.#at + 1;
      const whole = this.#lines[this.#at++]!.replace(/\r$/, "");
      // Comments and empty lines between continued ones are left out.
      if (!isFirst && (COMMENT.test(whole) || whole.trim() === "")) continue;
      const indent = isFirst ? whole.length - whole.trimStart().length : 0;
      const { text, isContinued } = this.#uncontinued(whole.slice(indent));
      pieces.push({ from: length, text, line: number, column: indent + 1 });
      length += text.length;
      isFirst = false;
      if (!isContinued) break;
    }
    const text = pieces.map((piece) => piece.text).join("");
    if (text.trim() === "") return;
    const positionOf = (index: number) => positionIn(pieces, index);
    this.#instructions.push({ text, positionOf, heredocs: this.#readHeredocs(text, positionOf) });
  }

  /** A line ends with the escape character, and blanks: the next one is part of it, unless the character is escaped. */
  #uncontinued(line: string): { readonly text: string; readonly isContinued: boolean } {
    const trimmed = line.replace(/[ \t]+$/, "");
    const isContinued = trimmed.endsWith(this.#escape) && !trimmed.endsWith(this.#escape.repeat(2));
    return isContinued ? { text: trimmed.slice(0, -1), isContinued } : { text: line, isContinued };
  }

  #readHeredocs(text: string, positionOf: InstructionLine["positionOf"]): readonly Heredoc[] {
    if (!text.includes("<<") || !WITH_HEREDOCS.test(text)) return [];
    const found: Heredoc[] = [];
    for (const { text: word, index } of splitWords(text, this.#escape)) {
      const [, dash, typed = ""] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
      const name = typed.replaceAll(/["']/g, "");
      if (dash === undefined || !/^[a-zA-Z_][\w.]*$/.test(name)) continue;
      const content = this.#readUntil(name, dash === "-");
      if (content === undefined) {
        this.#problems.push({
          at: positionOf(index),
          message: `the document ${name} does not end`,
          hint: `Write ${name} on a line of its own behind it`,
        });
        return found;
      }
      found.push({ name, content, isExpanded: name === typed, isChomped: dash === "-" });
    }
    return found;
  }

  /** Undefined, and everything is read, where the end is not there. */
  #readUntil(name: string, isChomped: boolean): string | undefined {
    const lines: string[] = [];
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at++]!;
      const end = line.replace(/\r$/, "");
      if ((isChomped ? end.replace(/^\t+/, "") : end) === name) {
        return lines.map((each) => `${each}\n`).join("");
      }
      lines.push(line);
    }
    return undefined;
  }
}

/** A part of an instruction that is one line of the file, or the beginning of it. */
interface Piece {
  readonly from: number;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

function positionIn(pieces: readonly Piece[], index: number): Position {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pieces[middle]!.from <= index) low = middle;
    else high = middle - 1;
  }
  const { from, line, column } = pieces[low]!;
  return { line, column: column + index - from };
}

/** Without the tabs that a chomped document does not have. */
export function documentText({ content, isChomped }: Heredoc): string {
  return isChomped ? content.replaceAll(/^\t+/gm, "") : content;
}
