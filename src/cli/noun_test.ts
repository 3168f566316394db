/** Tests of nounCommand(): commands below a word, at any depth. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { type Runnable, runnable } from "./command.ts";
import { nounCommand } from "./noun.ts";
import type { Session } from "./session.ts";

/** Makes a command that prints its path and its words. */
function echo(path: string): Runnable {
  const declaration = {
    path,
    description: `Do ${path}`,
    options: [],
    operands: [{ name: "words", isVariadic: true }],
  } as const;
  return runnable(declaration, ({ operands: { words } }, session) => {
    session.print([path, ...words].join(" "));
    return words.length;
  });
}

function zone(): Runnable {
  return nounCommand({
    path: "myctr network zone",
    description: "Manage zones",
    commands: [{ name: "add", load: () => Promise.resolve(echo("myctr network zone add")) }],
  });
}

const NETWORK = nounCommand({
  path: "myctr network",
  description: "Manage networks",
  examples: ["myctr network create web"],
  commands: [
    { name: "create", load: () => Promise.resolve(echo("myctr network create")) },
    { name: "list", aliases: ["ls"], load: () => Promise.resolve(echo("myctr network list")) },
    { name: "zone", load: () => Promise.resolve(zone()) },
    { name: "__probe", isHidden: true, load: () => Promise.resolve(echo("myctr network __probe")) },
  ],
});

const HELP = `Usage: myctr network [options] <command>

Manage networks

Options:
  -h, --help  show this help

Commands:
  create      Do myctr network create
  list, ls    Do myctr network list
  zone        Manage zones

Examples:
  myctr network create web

Run "myctr network <command> --help" for the options of a command.
`;

const ROWS = [
  { argv: "create a b", printed: "myctr network create a b", code: 2 },
  { argv: "ls", printed: "myctr network list", code: 0 },
  { argv: "__probe", printed: "myctr network __probe", code: 0 },
  { argv: "zone add x", printed: "myctr network zone add x", code: 1 },
  { argv: "", printed: HELP, code: 0 },
  { argv: "--help", printed: HELP, code: 0 },
  { argv: "-h create", printed: HELP, code: 0 },
] as const;

/** Calls a command and gives its exit code and what it printed. */
async function call(argv: string): Promise<readonly [number, string]> {
  let printed = "";
  const session: Session = { isDebug: false, print: (text) => printed += text, warn: () => {} };
  const code = await NETWORK.run(argv.split(" ").filter(Boolean), session);
  return [code, printed];
}

for (const { argv, printed, code } of ROWS) {
  Deno.test(`nounCommand() hands over "${argv}"`, async () => {
    deepEqual(await call(argv), [code, printed]);
  });
}

const BAD = [
  { argv: "craete", hint: 'Did you mean "create"?' },
  { argv: "__porbe", hint: 'Run "myctr network --help"' },
  { argv: "zone ad", hint: 'Did you mean "add"?' },
  { argv: "--nonsense", hint: 'Run "myctr network --help"' },
] as const;

for (const { argv, hint } of BAD) {
  Deno.test(`nounCommand() rejects "${argv}"`, async () => {
    await rejects(call(argv), { code: "usage", hint });
  });
}

Deno.test("nounCommand() declares what is below it", () => {
  equal(NETWORK.declaration.commands?.length, 4);
});
