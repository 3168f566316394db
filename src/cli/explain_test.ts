import { deepEqual, match } from "node:assert/strict";
import { COMMANDS } from "./commands.ts";
import { explainFlag, flagNames } from "./explain_flag.ts";
import { runProgram } from "./program.ts";

async function seen(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const code = await runProgram(argv, { print: (text) => stdout += text, warn: (text) => stderr += text });
  return { code, stdout, stderr };
}

const ROWS = [
  { argv: ["mount", "/proc"], told: /^mount \/proc: a step of the container\n/ },
  {
    argv: ["--read-only"],
    told: /^--read-only: a flag of myctr run\n[^]*\nmake the root read-only: a step of the container/,
  },
  {
    argv: ["--", "-v"],
    told: /--version, -v: a flag of myctr\n[^]*--volume, -v <.*: a flag of myctr run\n[^]*\nmount \/data: /,
  },
  { argv: ["--network"], told: /--network, --net <mode>: [^]*words {2}none, host/ },
  { argv: ["--force"], told: /a flag of myctr rm/ },
] as const;

for (const { argv, told } of ROWS) {
  Deno.test(`explain ${argv.join(" ")}`, async () => {
    const { code, stdout, stderr } = await seen("explain", ...argv);
    deepEqual([code, stderr], [0, ""]);
    match(stdout, told);
  });
}

const UNKNOWN = [
  { word: "pivto_root", hint: /Did you mean "pivot_root"\?/ },
  { word: "mount /prco", hint: /Did you mean "mount \/proc"\?/ },
  { word: "eperrm", hint: /Did you mean "EPERM"\?/ },
  { word: "--raed-only", hint: /Did you mean "--read-only"\?/ },
  { word: "qqqqqqqq", hint: /--dry-run host true/ },
] as const;

for (const { word, hint } of UNKNOWN) {
  Deno.test(`explain ${word} suggests what is near`, async () => {
    const { code, stdout, stderr } = await seen("explain", word);
    deepEqual([code, stdout], [125, ""]);
    match(stderr, /^myctr: Cannot explain ".*": the word is not known\n/);
    match(stderr, hint);
  });
}

Deno.test("explainFlag() has something to say of every flag that is shown", async () => {
  for (const flag of await flagNames()) {
    match((await explainFlag(flag)).map(({ title }) => title).join("\n"), /a flag of myctr/, flag);
  }
});

Deno.test("explainFlag() says nothing of hidden flags", async () => {
  deepEqual(await explainFlag("--fail-step"), []);
  deepEqual(COMMANDS.filter(({ name }) => name === "explain").length, 1);
});
