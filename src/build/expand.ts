/**
 * Replaces variables in a word of a Containerfile, and takes its quotes away. Pure.
 * Source: docs.docker.com, Dockerfile reference, "Environment replacement"; POSIX, Shell Command Language, 2.6.2.
 */

import { endLengths, type Glob, parseGlob } from "./glob.ts";

/** What is known, and how the text is taken. */
export interface ExpandOptions {
  /** `\` or a backtick. @default "\\" */
  readonly escape?: string;
  /** Whether quotes and escape characters stay, as in documents. */
  readonly isRaw?: boolean;
}

/** Gives the value of a variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A text that can't be read; `index` is where in it. */
export class ExpandError extends Error {
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

/** Expands a word. @throws {ExpandError} */
export function expand(text: string, lookup: Lookup, options: ExpandOptions = {}): string {
  return new Expander(text, lookup, options).until(undefined, options.isRaw ?? false);
}

/** Nested this deep, a text is a mistake or an attack. */
const MAX_DEPTH = 100;
const NAME = /[\p{L}\p{Nd}_]/u;
const SPECIAL = "@*#?-$!";

class Expander {
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #escape: string;
  readonly #isRaw: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, lookup: Lookup, { escape = "\\", isRaw = false }: ExpandOptions) {
    this.#text = text;
    this.#lookup = lookup;
    this.#escape = escape;
    this.#isRaw = isRaw;
  }

  /** Up to a character, which is left behind; or to the end. `keepsEscapes`: for a pattern, which reads them itself. */
  until(stop: string | undefined, keepsEscapes: boolean): string {
    const parts: string[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === stop) {
        this.#at++;
        return parts.join("");
      }
      parts.push(this.#next(character, keepsEscapes));
    }
    if (stop !== undefined) throw this.#error(`there is no ${stop} at the end of \${`);
    return parts.join("");
  }

  #next(character: string, keepsEscapes: boolean): string {
    if (character === "$") return this.#dollar();
    if (character === "'" && !this.#isRaw) return this.#single();
    if (character === '"' && !this.#isRaw) return this.#double(keepsEscapes);
    this.#at++;
    if (character !== this.#escape) return character;
    const next = this.#take();
    return keepsEscapes ? `${character}${next}` : next;
  }

  /** The next character, "" at the end. */
  #take(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return "";
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw this.#error("a ' is not closed");
    const found = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return found;
  }

  #double(keepsEscapes: boolean): string {
    const from = this.#at++;
    const parts: string[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === "$") parts.push(this.#dollar());
      else {
        this.#at++;
        if (character === '"') return parts.join("");
        parts.push(character === this.#escape ? this.#escaped(keepsEscapes) : character);
      }
    }
    throw this.#error('a " is not closed', from);
  }

  /** In quotes only a few characters can be escaped; before any other one the escape character is itself. */
  #escaped(keepsEscapes: boolean): string {
    const next = this.#text[this.#at];
    if (next === undefined) return "";
    if (next !== '"' && next !== "$" && next !== this.#escape) return this.#escape;
    this.#at++;
    return keepsEscapes ? `${this.#escape}${next}` : next;
  }

  #dollar(): string {
    const from = this.#at++;
    if (this.#text[this.#at] !== "{") {
      const name = this.#name();
      return name === "" ? "$" : this.#lookup(name) ?? "";
    }
    this.#at++;
    this.#depth++;
    if (this.#depth > MAX_DEPTH) throw this.#error("variables are nested too deep", from);
    const found = this.#braced(from);
    this.#depth--;
    return found;
  }

  #name(): string {
    const first = this.#text[this.#at] ?? "";
    if (/\d/.test(first)) return this.#takeWhile(/\d/);
    if (first !== "" && SPECIAL.includes(first)) return this.#take();
    return this.#takeWhile(NAME);
  }

  #takeWhile(pattern: RegExp): string {
    const from = this.#at;
    while (this.#at < this.#text.length) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
      if (!pattern.test(character)) break;
      this.#at += character.length;
    }
    return this.#text.slice(from, this.#at);
  }

  #braced(from: number): string {
    const name = this.#name();
    if (name === "") throw this.#error("there is no name in ${}", from);
    const value = this.#lookup(name);
    const operator = this.#take();
    if (operator === "}") return value ?? "";
    if (operator === ":") return this.#byEmptiness(name, value || undefined, { from, isColon: true });
    if (operator === "#" || operator === "%") return this.#trimmed(value ?? "", operator);
    if (operator === "/") return this.#replaced(value ?? "");
    this.#at -= operator.length;
    return this.#byEmptiness(name, value, { from, isColon: false });
  }

  /** `-`, `+` and `?`; `value` is undefined where it counts as not set. */
  #byEmptiness(
    name: string,
    value: string | undefined,
    { from, isColon }: { readonly from: number; readonly isColon: boolean },
  ): string {
    const operator = this.#take();
    if (operator === "") throw this.#error("there is no } at the end of ${", from);
    if (!"-+?".includes(operator)) {
      throw this.#error(`\${${name}${isColon ? ":" : ""}${operator} is no form of a variable`, from);
    }
    const word = this.until("}", false);
    if (operator === "-") return value ?? word;
    if (operator === "+") return value === undefined ? "" : word;
    if (value !== undefined) return value;
    const why = isColon ? "is not allowed to be empty" : "is not allowed to be unset";
    throw this.#error(`${name}: ${word === "" ? why : word}`, from);
  }

  /** `#` and `##` take away what fits at the beginning, `%` and `%%` at the end: the shortest, and the longest. */
  #trimmed(value: string, operator: "#" | "%"): string {
    const isLongest = this.#text[this.#at] === operator;
    if (isLongest) this.#at++;
    const glob = this.#glob("}");
    const isEnd = operator === "%";
    const text = isEnd ? [...value].reverse() : [...value];
    const lengths = endLengths(isEnd ? glob.toReversed() : glob, text, 0);
    const length = isLongest ? lengths.at(-1) : lengths[0];
    if (length === undefined) return value;
    const rest = text.slice(length);
    return (isEnd ? rest.reverse() : rest).join("");
  }

  #replaced(value: string): string {
    const isEvery = this.#text[this.#at] === "/";
    if (isEvery) this.#at++;
    const glob = this.#glob("/");
    const replacement = this.until("}", true);
    const text = [...value];
    // Docker's: what is empty is found before everything, and between all characters.
    if (glob.length === 0) return isEvery ? ["", ...text, ""].join(replacement) : `${replacement}${value}`;
    const parts: string[] = [];
    for (let at = 0; at < text.length;) {
      const length = endLengths(glob, text, at).at(-1);
      if (length === undefined || length === 0) parts.push(text[at++]!);
      else {
        parts.push(replacement);
        at += length;
        if (!isEvery) return parts.concat(text.slice(at)).join("");
      }
    }
    return parts.join("");
  }

  #glob(stop: string): Glob {
    return parseGlob(this.until(stop, true), this.#escape);
  }

  #error(message: string, index = this.#at): ExpandError {
    return new ExpandError(message, index);
  }
}
