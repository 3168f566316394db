/** Tests of parseOptions() and nameOperands(): from words to typed values. */

import { deepEqual, throws } from "node:assert/strict";
import { readArgv } from "./argv.ts";
import { nameOperands, parseOptions } from "./call.ts";
import type { OptionRow } from "./declaration.ts";

const OPTIONS = [
  { name: "quiet", long: "--quiet", short: "-q", description: "" },
  { name: "name", long: "--name", placeholder: "name", description: "" },
  { name: "size", long: "--size", placeholder: "number", description: "", parse: Number },
  { name: "env", long: "--env", short: "-e", placeholder: "name", description: "", isRepeated: true },
  { name: "limits", long: "--cpu", placeholder: "n", description: "", parse: Number, isRepeated: true },
  { name: "limits", long: "--memory", placeholder: "text", description: "", isRepeated: true },
] as const satisfies readonly OptionRow[];

/** What the compiler makes of the table: a wrong type here does not compile. */
interface Options {
  readonly quiet?: true;
  readonly name?: string;
  readonly size?: number;
  readonly env: readonly string[];
  readonly limits: readonly (number | string)[];
}

const ROWS: readonly { readonly argv: string; readonly want: Options }[] = [
  { argv: "", want: { env: [], limits: [] } },
  { argv: "-q --name a --name b", want: { quiet: true, name: "b", env: [], limits: [] } },
  { argv: "-q --quiet=false", want: { env: [], limits: [] } },
  { argv: "--size=7 --name=", want: { size: 7, name: "", env: [], limits: [] } },
  { argv: "-ea --env b -e a", want: { env: ["a", "b", "a"], limits: [] } },
  { argv: "--cpu 1 --memory 2 --cpu 3", want: { env: [], limits: [1, "2", 3] } },
];

for (const { argv, want } of ROWS) {
  Deno.test(`parseOptions() makes values of "${argv}"`, () => {
    const { settings } = readArgv(argv.split(" ").filter(Boolean), { path: "myctr x", options: OPTIONS });
    const values: Options = parseOptions(OPTIONS, settings);
    deepEqual(values, want);
  });
}

const ID = { name: "id", isRequired: true } as const;
const PATH = { name: "path" } as const;
const REST = { name: "rest", isVariadic: true } as const;

const NAMED = [
  { operands: [], words: [], want: {} },
  { operands: [ID, PATH], words: ["a"], want: { id: "a" } },
  { operands: [ID, PATH], words: ["a", "b"], want: { id: "a", path: "b" } },
  { operands: [PATH, REST], words: [], want: { rest: [] } },
  { operands: [ID, REST], words: ["a", "b", "c"], want: { id: "a", rest: ["b", "c"] } },
  { operands: [{ ...REST, isRequired: true }], words: [""], want: { rest: [""] } },
] as const;

for (const { operands, words, want } of NAMED) {
  const names = operands.map(({ name }) => name).join(" ");
  Deno.test(`nameOperands() gives ${JSON.stringify(words)} to "${names}"`, () => {
    deepEqual(nameOperands(words, { path: "myctr x", operands }), want);
  });
}

const MISCOUNTED = [
  { operands: [ID], words: [], message: 'Cannot run "myctr x": an argument is missing' },
  { operands: [{ ...REST, isRequired: true }], words: [], message: /missing/ },
  { operands: [], words: ["a"], message: 'Cannot run "myctr x": there are too many arguments' },
  { operands: [ID, PATH], words: ["a", "b", "c"], message: /too many/ },
] as const;

for (const { operands, words, message } of MISCOUNTED) {
  const names = operands.map(({ name }) => name).join(" ");
  Deno.test(`nameOperands() rejects ${JSON.stringify(words)} for "${names}"`, () => {
    const expected = { code: "usage", hint: 'Run "myctr x --help"', message };
    throws(() => nameOperands(words, { path: "myctr x", operands }), expected);
  });
}
