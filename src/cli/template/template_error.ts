/** Errors of a template: each says what could not be done, in which column, why, and what to do. Pure. */

import { CtrError } from "../../errors.ts";

/** Why a function, a field or a value can't be used; the evaluator adds where. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly hint: string | undefined;

  constructor(why: string, hint?: string) {
    super(why);
    this.hint = hint;
  }
}

/** Makes the error for what stands at `offset` of the template `text`; `what` is a verb and its object. */
export function templateError(
  text: string,
  offset: number,
  what: string,
  why: string,
  hint?: string,
): CtrError {
  return new CtrError("usage", `Cannot ${what} at ${place(text, offset)} of the format: ${why}`, { hint });
}

function place(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  const column = `column ${[...lines.at(-1) ?? ""].length + 1}`;
  return text.includes("\n") ? `line ${lines.length}, ${column}` : column;
}
