/** Tests of renderHelp(); what it makes of the real commands is in tests/golden. */

import { equal } from "node:assert/strict";
import type { Declaration } from "./declaration.ts";
import { renderHelp } from "./render_help.ts";

const ROWS: readonly {
  readonly name: string;
  readonly declared: Partial<Declaration>;
  readonly text: string;
}[] = [
  { name: "nothing but a name", declared: {}, text: "Usage: myctr x\n\nDo x\n" },
  {
    name: "operands, described or not",
    declared: {
      operands: [
        { name: "id", isRequired: true, description: "which one" },
        { name: "path" },
        { name: "words", isVariadic: true },
      ],
    },
    text: "Usage: myctr x <id> [path] [words...]\n\nDo x\n\nArguments:\n  id  which one\n",
  },
  {
    name: "options under headings of their own, without the hidden ones",
    declared: {
      options: [
        { name: "cpus", long: "--cpus", placeholder: "n", description: "limit", group: "Limits" },
        { name: "init", long: "--init", description: "run an init", isHidden: true },
        { name: "name", long: "--name", short: "-n", placeholder: "name", description: "name it" },
        { name: "net", long: "--network", aliases: ["--net"], placeholder: "mode", description: "choose" },
      ],
    },
    text: `Usage: myctr x [options]

Do x

Limits:
      --cpus <n>               limit

Options:
  -n, --name <name>            name it
      --net, --network <mode>  choose
`,
  },
  {
    name: "ways to use it, examples and a last line",
    declared: { usage: ["a", "b"], examples: ["myctr x a", "myctr x b"], footer: "See y." },
    text: "Usage: myctr x a\n       myctr x b\n\nDo x\n\nExamples:\n  myctr x a\n  myctr x b\n\nSee y.\n",
  },
];

for (const { name, declared, text } of ROWS) {
  Deno.test(`renderHelp() renders ${name}`, async () => {
    const base = { path: "myctr x", description: "Do x", options: [], operands: [] };
    equal(await renderHelp({ ...base, ...declared }), text);
  });
}
