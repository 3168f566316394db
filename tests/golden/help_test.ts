/** Golden files of every --help, and what holds for each of them. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { readArgv } from "../../src/cli/argv.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { findEntry } from "../../src/cli/noun.ts";
import { PROGRAM } from "../../src/cli/program.ts";
import { renderHelp } from "../../src/cli/render_help.ts";

/** Each help text by its file's name. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ["help", await renderHelp(PROGRAM)],
  ...await Promise.all(
    COMMANDS.filter(({ isHidden }) => !isHidden).map(async ({ name, load }) =>
      [`help_${name}`, await renderHelp((await load()).declaration)] as const
    ),
  ),
]);

for (const [name, text] of TEXTS) {
  const file = new URL(`./${name}.txt`, import.meta.url);

  Deno.test(`${name}.txt is what --help prints`, () => {
    if (Deno.env.get("GOLDEN") === "update") Deno.writeTextFileSync(file, text);
    equal(text, Deno.readTextFileSync(file));
  });

  Deno.test(`${name}.txt has its options in alphabetical order`, () => {
    const options = text.slice(text.indexOf("Options:"), text.indexOf("Examples:"));
    const names = [...options.matchAll(/^ {2}.*?--([a-z-]+)(?:\[=[a-z]+\])?(?: <[^>]*>)*(?: {2,}|$)/gm)].map(([, name]) => name);
    ok(names.length > 0);
    deepEqual(names, [...names].sort());
  });

  Deno.test(`${name}.txt has lines of at most 100 columns`, () => {
    deepEqual(text.split("\n").filter((line) => line.length > 100), []);
  });

  Deno.test(`${name}.txt has examples that can be read`, async () => {
    const examples = [...text.slice(text.indexOf("Examples:")).matchAll(/^ {2}myctr (.*?)(?: {3,}.*)?$/gm)];
    ok(examples.length > 0);
    for (const [, line = ""] of examples) {
      const [word = "", ...argv] = splitWords(line);
      const { declaration } = await findEntry(word, PROGRAM).load();
      // What is explained may be a flag.
      readArgv(word === "explain" ? ["--", ...argv] : argv, declaration);
    }
  });
}

/** Splits a line as a shell does, as far as the examples need it. */
function splitWords(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}
