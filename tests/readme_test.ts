/** The documents say what is there: README's tables and examples, the folders and files that the others name. */

import { deepEqual, ok } from "node:assert/strict";
import type { Runnable } from "../src/cli/command.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import type { Declaration } from "../src/cli/declaration.ts";
import { EXEC, execCommand } from "../src/cli/exec.ts";
import { listCommand } from "../src/cli/list.ts";
import { findEntry } from "../src/cli/noun.ts";
import { PROGRAM } from "../src/cli/program.ts";
import { waitCommand, type Waited } from "../src/cli/wait.ts";
import { rmCommand } from "../src/cli/rm.ts";
import { runCommand } from "../src/cli/run.ts";
import { RUN } from "../src/cli/run_options.ts";
import type { Session } from "../src/cli/session.ts";
import { EXIT_MEANINGS } from "../src/plan/explain_word.ts";
import { ROOT } from "./sources.ts";

const README = read("README.md");

const VISIBLE_COMMANDS = COMMANDS.filter(({ isHidden }) => !isHidden);

function read(path: string): string {
  return Deno.readTextFileSync(ROOT + path);
}

/** Returns the part of a document from a heading to the next one, of whatever level. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  ok(start >= 0, `there is no heading "${heading}"`);
  return text.slice(start + heading.length + 2).split(/^#/m, 1)[0] ?? "";
}

/** Returns the code words in the first cells of a table's rows. */
function firstCells(text: string): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    [...(row.split(" | ", 1)[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? "")
  );
}

Deno.test("README's table of commands is the list of commands", () => {
  deepEqual(firstCells(section(README, "## Commands")).flat(), VISIBLE_COMMANDS.map(({ name }) => name));
});

Deno.test("README names every alias of a command", () => {
  for (const alias of VISIBLE_COMMANDS.flatMap(({ aliases = [] }) => aliases)) {
    ok(section(README, "## Commands").includes(`\`${alias}\``), alias);
  }
});

for (const { path, options } of [RUN, EXEC] as readonly Declaration[]) {
  const name = path.split(" ")[1]!;
  Deno.test(`README's table of flags has ${name}'s flags in their order`, () => {
    const told = firstCells(section(README, `### Flags of ${name}`)).map((words) =>
      words.map((word) => word.split(/[ []/, 1)[0])
    );
    const names = options.filter(({ isHidden }) => !isHidden).map(({ short, aliases = [], long }) => [
      ...(short === undefined ? [] : [short]),
      ...aliases,
      long,
    ]);
    deepEqual(told, names);
  });
}

Deno.test("README's exit codes mean what explain says of them", () => {
  const told = section(README, "### Exit codes of run");
  for (const [code, meaning] of Object.entries(EXIT_MEANINGS)) {
    ok(new RegExp(`^\\| ${code} +\\| (.*?) *\\|$`, "m").exec(told)?.[1] === meaning, code);
  }
});

/** Lists the lines of the shell examples that a comment marks as running. */
function listExamples(text: string): string[] {
  return [...text.matchAll(/<!-- runs -->\s+```sh\n([^`]*)```/g)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => line !== "");
}

/** Takes a line apart as sh does, as far as the examples need it: blanks and single quotes. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}

/** What an example may begin with: each stands for myctr itself. */
const MYCTR = ["npx -y deno@2.9.6 task dev", "deno task dev", "./dist/myctr", "myctr"];

function myctrWords(line: string): string[] | undefined {
  const start = MYCTR.find((each) => line.startsWith(`${each} `));
  return start === undefined ? undefined : splitWords(line.slice(start.length));
}

/** Loads a command that does nothing but read its words. */
async function loadIdle(name: string): Promise<Runnable> {
  const entry = findEntry(name, PROGRAM);
  if (entry.name === "run") return runCommand(() => Promise.resolve(0));
  if (entry.name === "exec") return execCommand(() => Promise.resolve(0));
  if (entry.name === "list") return listCommand(() => Promise.resolve([]));
  if (entry.name === "wait") return waitCommand(idleWaited);
  if (entry.name === "rm") return rmCommand(() => Promise.resolve());
  return await entry.load();
}

function idleWaited(): Promise<Waited> {
  return Promise.resolve({ wait: () => 0, [Symbol.dispose]() {} });
}

const SESSION: Session = { isDebug: false, print: () => {}, warn: () => {} };

for (const line of listExamples(README)) {
  Deno.test(`README's example is understood: ${line}`, async () => {
    const words = myctrWords(line);
    if (words === undefined) {
      const task = /^deno task ([a-z]+)/.exec(line)?.[1];
      return ok(task !== undefined && task in tasks(), `${line}: neither myctr nor a task`);
    }
    const [name = "", ...argv] = words;
    deepEqual(await (await loadIdle(name)).run(argv, SESSION), 0);
  });
}

Deno.test("README has examples that are marked as running", () => ok(listExamples(README).length >= 5));

function tasks(): Readonly<Record<string, unknown>> {
  return JSON.parse(read("deno.json")).tasks;
}

const DOCUMENTS = [
  "README.md",
  "docs/architecture.md",
  "docs/json.md",
  "src/README.md",
  "ffi/README.md",
  "tests/README.md",
];

for (const path of DOCUMENTS) {
  Deno.test(`every task that ${path} names is there`, () => {
    const named = [...read(path).matchAll(/(?:deno(?:@[0-9.]+)?|`) ?task ([a-z]+)/g)].map(([, name]) =>
      name ?? ""
    );
    deepEqual(named.filter((name) => !(name in tasks())), []);
  });

  Deno.test(`every file that ${path} links is there`, () => {
    const links = [...read(path).matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target ?? "");
    const missing = links.filter((target) => !isThere(new URL(target, `file://${ROOT}${path}`).pathname));
    deepEqual(missing, []);
  });

  Deno.test(`every file that ${path} names by its full path is there`, () => {
    const named = [...read(path).matchAll(/`((?:src|ffi|tests)\/[\w/]+\.ts)`/g)].map(([, file]) =>
      file ?? ""
    );
    deepEqual(named.filter((file) => !isThere(ROOT + file)), []);
  });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(decodeURIComponent(path)) !== undefined;
  } catch {
    return false;
  }
}

for (const folder of ["src", "ffi", "tests"]) {
  Deno.test(`${folder}/README.md lists the folders of ${folder}`, () => {
    const listed = firstCells(read(`${folder}/README.md`)).flat().filter((name) => name.endsWith("/"));
    const there = [...Deno.readDirSync(ROOT + folder)].filter(({ isDirectory, name }) =>
      isDirectory && hasFiles(`${ROOT}${folder}/${name}`)
    );
    deepEqual(listed, there.map(({ name }) => `${name}/`).sort());
  });
}

/** An empty folder is none: git does not keep it. */
function hasFiles(path: string): boolean {
  return !Deno.readDirSync(path)[Symbol.iterator]().next().done;
}

Deno.test("src/README.md tells the life of a run in twelve lines, each with a file, and has at most 60 lines", () => {
  const life = section(read("src/README.md"), "## The life of `myctr run`");
  const steps = life.split("\n").filter((line) => /^\d+\. /.test(line));
  deepEqual(
    steps.map((line) => Number(line.split(".", 1)[0])),
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  deepEqual(steps.filter((line) => !/`src\/[\w/]+\.ts`/.test(line)), []);
  ok(read("src/README.md").split("\n").length <= 61);
});

Deno.test("README does not speak of hidden commands", () => {
  deepEqual(COMMANDS.filter(({ isHidden, name }) => isHidden && README.includes(name)), []);
});
