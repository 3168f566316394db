/**
 * Templates of `--format`, in the language of Go's text/template, as docker has them. What of it works stands in
 * docs/format.md. Pure, and loaded only when somebody gives a template.
 *
 * One value, as `inspect`, `info` and `version` print it:
 *
 *     const { parseTemplate } = await import("./template/template.ts");
 *     const template = parseTemplate("{{.State.Status}}"); // before anything is done: a mistake costs nothing then
 *     session.print(`${template.render(data)}\n`);
 *
 * `data` is made of plain values. values.ts says how Go sees them: a plain object is a struct, so that `.Typo` is an
 * error; labels and the like are `new GoMap("", entries)`, in which a key may be missing; a list that docker has as nil
 * is `[]`; `null` is a nil pointer, as in `.State.Health`. A getter in an object is read only when it is asked for. A
 * function in an object is a method: not printed and not in JSON, and called with the texts that it takes.
 *
 * Lists, as `list` prints them, are in rows.ts.
 */

import { evaluate } from "./evaluate.ts";
import { FUNCTIONS, type Functions } from "./functions.ts";
import type { LexOptions } from "./lex.ts";
import { parse, type Parsed } from "./parse.ts";

export { Float, GoMap } from "./values.ts";

/** A parsed template. */
export class Template {
  readonly #text: string;
  readonly #parsed: Parsed;

  constructor(text: string, options: LexOptions) {
    this.#text = text;
    this.#parsed = parse(text, { ...options, functions: Object.keys(FUNCTIONS) });
  }

  /**
   * Writes `data` by the template; there is no newline at the end that the template has not.
   *
   * @throws {CtrError} code "usage" for a field that is not there, and for what a function can't do
   */
  render(data: unknown): string {
    const output: string[] = [];
    this.renderInto(output, data, FUNCTIONS);
    return output.join("");
  }

  /** As `render`, with functions by these names; after an error `output` has what came before it. */
  renderInto(output: string[], data: unknown, functions: Functions): void {
    evaluate(data, { template: this.#text, parsed: this.#parsed, functions, output });
  }
}

/**
 * Parses a template.
 *
 * @throws {CtrError} code "usage" for what Go refuses too, and for what is not supported
 */
export function parseTemplate(text: string): Template {
  return new Template(text, { hasEscapes: false });
}
