/** Tests of the command line as a whole: exit codes, and what goes to which stream. */

import { deepEqual, equal, match } from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { CtrError } from "../errors.ts";
import { listCommand } from "./list.ts";
import { runProgram } from "./program.ts";
import { rmCommand } from "./rm.ts";
import { VERSION } from "./version_number.ts";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function capture(call: (output: Capture) => Promise<number>): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const code = await call({ print: (text) => stdout += text, warn: (text) => stderr += text });
  return { code, stdout, stderr };
}

interface Capture {
  readonly print: (text: string) => void;
  readonly warn: (text: string) => void;
}

const PRINTED = [
  { argv: [], text: /^Usage: myctr \[options\] <command>\n/ },
  { argv: ["--help"], text: /^Usage: myctr/ },
  { argv: ["-h"], text: /^Usage: myctr/ },
  { argv: ["help"], text: /^Usage: myctr/ },
  { argv: ["help", "run"], text: /^Usage: myctr run / },
  { argv: ["run", "--help"], text: /^Usage: myctr run / },
  { argv: ["run", "--rm", "--help", "host"], text: /^Usage: myctr run / },
  { argv: ["ps", "--help"], text: /^Usage: myctr list / },
  { argv: ["rm", "x", "-h"], text: /^Usage: myctr rm / },
  { argv: ["--version"], text: /^myctr version \S+\n$/ },
  { argv: ["-v"], text: /^myctr version \S+\n$/ },
  { argv: ["version"], text: /^myctr version \S+, deno / },
] as const;

for (const { argv, text } of PRINTED) {
  Deno.test(`myctr ${argv.join(" ")} prints on standard output and ends with 0`, async () => {
    const ran = await capture((output) => runProgram(argv, output));
    deepEqual([ran.code, ran.stderr], [0, ""]);
    match(ran.stdout, text);
  });
}

const FAILED = [
  { argv: ["rnu"], text: /"rnu".*\n {2}hint {2}Did you mean "run"\?\n$/ },
  { argv: ["sp"], text: /hint {2}Did you mean "ps"/ },
  { argv: ["__raep"], text: /hint {2}Run "myctr --help"/ },
  { argv: ["biuld", "x"], text: /Did you mean "build"/ },
  { argv: ["help", "rnu"], text: /Did you mean "run"/ },
  { argv: ["--rot", "x", "list"], text: /Did you mean "--root"/ },
  { argv: ["--root"], text: /value is missing/ },
  { argv: ["--root=", "list"], text: /path is empty/ },
  { argv: ["run"], text: /hint {2}Run "myctr run --help"/ },
  { argv: ["run", "--nmae", "x", "host", "true"], text: /Did you mean "--name"/ },
  { argv: ["rm"], text: /Cannot run "myctr rm": an argument is missing\n {2}hint {2}Run "myctr rm --help"/ },
  { argv: ["list", "x"], text: /too many arguments/ },
  { argv: ["version", "--nope"], text: /there is no such option/ },
  { argv: ["__reap"], text: /an argument is missing/ },
] as const;

for (const { argv, text } of FAILED) {
  Deno.test(`myctr ${argv.join(" ")} says why on standard error and ends with 125`, async () => {
    const ran = await capture((output) => runProgram(argv, output));
    deepEqual([ran.code, ran.stdout], [125, ""]);
    match(ran.stderr, /^myctr: Cannot /);
    match(ran.stderr, text);
  });
}

Deno.test("myctr --debug shows where an error comes from", async () => {
  match((await capture((output) => runProgram(["--debug", "rnu"], output))).stderr, /\n {6}at /);
});

Deno.test("VERSION is that of deno.json", () => {
  equal(VERSION, config.version);
});

const REMOVALS = [
  { argv: ["a", "b"], code: 0, stdout: "a\nb\n", stderr: 0 },
  { argv: ["gone", "a"], code: 1, stdout: "a\n", stderr: 1 },
  { argv: ["-f", "gone", "a"], code: 0, stdout: "a\n", stderr: 1 },
  { argv: ["a", "--force", "busy"], code: 0, stdout: "a\nbusy\n", stderr: 0 },
  { argv: ["busy", "a", "gone"], code: 1, stdout: "a\n", stderr: 2 },
] as const;

for (const { argv, code, stdout, stderr } of REMOVALS) {
  Deno.test(`rm ${argv.join(" ")}`, async () => {
    const ran = await capture((output) => rmCommand(remove).run(argv, { ...output, isDebug: false }));
    deepEqual([ran.code, ran.stdout, ran.stderr.split("myctr: Cannot ").length - 1], [code, stdout, stderr]);
  });
}

function remove(reference: string, { force }: { readonly force: boolean }): Promise<void> {
  if (reference === "gone") return Promise.reject(new CtrError("not_found", "Cannot find it"));
  if (reference === "busy" && !force) return Promise.reject(new CtrError("bad_state", "Cannot remove it"));
  return Promise.resolve();
}

for (const [argv, want] of [[[], false], [["-a"], true], [["--all=false"], false]] as const) {
  Deno.test(`list ${argv.join(" ")} asks for ${want ? "all" : "the running ones"}`, async () => {
    let asked: boolean | undefined;
    const command = listCommand(({ all }) => {
      asked = all;
      return Promise.resolve([]);
    });
    const ran = await capture((output) => command.run(argv, { ...output, isDebug: false }));
    equal(asked, want);
    equal(ran.stdout, "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n");
  });
}
