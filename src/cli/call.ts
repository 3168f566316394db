/** Makes typed values of what was read off a command line. Pure. */

import { CtrError } from "../errors.ts";
import { seeHelp, type Setting } from "./argv.ts";
import type { Declaration, OperandRow, OperandsOf, OptionRow, OptionsOf } from "./declaration.ts";

/**
 * Parses the values of options, in the order of the command line.
 *
 * @throws {CtrError} whatever a row's `parse` throws
 */
export function parseOptions<const Rows extends readonly OptionRow[]>(
  rows: Rows,
  settings: readonly Setting[],
): OptionsOf<Rows> {
  const values: Record<string, unknown> = {};
  const lists: Record<string, unknown[]> = {};
  for (const row of rows) {
    if (row.placeholder !== undefined && row.isRepeated) values[row.name] = lists[row.name] = [];
  }
  for (const { option, text } of settings) {
    if (option.placeholder === undefined || text === undefined) {
      values[option.name] = true;
      continue;
    }
    const value = option.parse === undefined ? text : option.parse(text);
    const list = lists[option.name];
    if (list === undefined) values[option.name] = value;
    else list.push(value);
  }
  // The rows that were read are the rows that the type is made of.
  return values as OptionsOf<Rows>;
}

/**
 * Gives each operand its words.
 *
 * @throws {CtrError} code "usage" where there are too few or too many
 */
export function nameOperands<const Rows extends readonly OperandRow[]>(
  words: readonly string[],
  { path, operands }: Pick<Declaration, "path"> & { readonly operands: Rows },
): OperandsOf<Rows> {
  const values: Record<string, string | readonly string[]> = {};
  for (const [index, { name, isRequired, isVariadic }] of operands.entries()) {
    const word = words[index];
    if (isRequired && word === undefined) throw countError(path, "an argument is missing");
    if (isVariadic) values[name] = words.slice(index);
    else if (word !== undefined) values[name] = word;
  }
  if (words.length > operands.length && !operands.at(-1)?.isVariadic) {
    throw countError(path, "there are too many arguments");
  }
  return values as OperandsOf<Rows>;
}

function countError(path: string, problem: string): CtrError {
  return new CtrError("usage", `Cannot run "${path}": ${problem}`, { hint: seeHelp({ path }) });
}
