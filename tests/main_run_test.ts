/** src/main_run.ts, src/main_look.ts and src/main_watch.ts do what src/main.ts does, and carry none of the other commands. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { listImports, resolveImport, ROOT } from "./sources.ts";

/** What the other commands and the choice among them are made of. */
const OTHERS = [
  "commands",
  "program",
  "noun",
  "help",
  "list",
  "inspect",
  "rm",
  "own_commands",
  "version",
  "doctor",
  "info",
  "explain",
  "completion",
  "complete",
];

/** Lists the modules that an entry point may load, at start or later. */
function listReachable(entry: string): ReadonlySet<string> {
  const reached = new Set([entry]);
  for (const path of reached) {
    const imports = listImports({ path, text: Deno.readTextFileSync(ROOT + path) });
    for (const { specifier, isTypeOnly } of imports) {
      const target = isTypeOnly ? undefined : resolveImport(path, specifier);
      if (target !== undefined) reached.add(target);
    }
  }
  return reached;
}

Deno.test("main_run.ts reaches no other command", () => {
  const reached = listReachable("src/main_run.ts");
  ok(reached.has("src/runtime/run.ts"));
  deepEqual(OTHERS.filter((name) => reached.has(`src/cli/${name}.ts`)), []);
  deepEqual([...reached].filter((path) => path.startsWith("src/doctor/")), []);
  for (
    const path of ["src/plan/explain_word.ts", "src/plan/probe_plan.ts", "src/runtime/debug_launches.ts"]
  ) {
    equal(reached.has(path), false, path);
  }
});

Deno.test("main_look.ts reaches no other command", () => {
  const reached = listReachable("src/main_look.ts");
  ok(reached.has("src/runtime/containers.ts"));
  const others = [...OTHERS, "run", "start", "stop"].filter((name) => name !== "list" && name !== "inspect");
  deepEqual(others.filter((name) => reached.has(`src/cli/${name}.ts`)), []);
});

Deno.test("main_watch.ts reaches no other command", () => {
  const reached = listReachable("src/main_watch.ts");
  ok(reached.has("src/runtime/read_logs.ts"));
  deepEqual([...OTHERS, "run", "start"].filter((name) => reached.has(`src/cli/${name}.ts`)), []);
});

Deno.test("main.ts reaches all commands", () => {
  const reached = listReachable("src/main.ts");
  deepEqual(OTHERS.filter((name) => !reached.has(`src/cli/${name}.ts`)), []);
});

/** Runs a command line from source and gives all that can be seen of it. */
async function seen(entry: string, argv: readonly string[]): Promise<readonly [number, string, string]> {
  const args = ["run", "-A", "-q", ROOT + entry, ...argv];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
}

const LINES: Readonly<Record<string, readonly string[]>> = {
  "src/main_run.ts": ["run --help", "run", "run --nmae x host", "run -it host", "run --rootfs /nosuch true"],
  "src/main_start.ts": ["start --help", "start", "start nobody", "start -a nobody"],
  "src/main_look.ts": [
    "list --help",
    "ps -x",
    "ls -f x",
    "inspect",
    "inspect nobody",
    "list --format x",
    "port",
    "port nobody",
  ],
  "src/main_watch.ts": [
    "logs --help",
    "logs",
    "logs nobody",
    "wait nobody",
    "events --until 0s",
    "events -f x",
  ],
};

for (const [entry, lines] of Object.entries(LINES)) {
  for (const line of lines) {
    Deno.test(`${entry} does what main.ts does: ${line}`, async () => {
      const argv = line.split(" ");
      deepEqual(await seen(entry, argv), await seen("src/main.ts", argv));
    });
  }
}
