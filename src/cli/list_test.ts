/** Tests of `myctr list`: which containers its flags leave, and what is said beside them. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import { SAMPLE_ROWS, SAMPLES_MS } from "./_sample_rows.ts";
import { listCommand, type ListContainers } from "./list.ts";

interface Seen {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LIST: ListContainers = ({ all }) =>
  Promise.resolve(all ? SAMPLE_ROWS : SAMPLE_ROWS.filter(({ status }) => /running|paused/.test(status)));

async function seen(argv: readonly string[], list = LIST): Promise<Seen> {
  let [stdout, stderr] = ["", ""];
  const session = {
    isDebug: false,
    print: (text: string) => stdout += text,
    warn: (text: string) => stderr += text,
  };
  const code = await listCommand(list, () => SAMPLES_MS).run(argv, session);
  return { code, stdout, stderr };
}

/** Flags, and the names that are listed. */
const CASES: readonly (readonly [flags: readonly string[], names: string])[] = [
  [[], "web db"],
  [["-a"], "x web db calm_fox"],
  [["-l"], "x"],
  [["-n", "3"], "x web db"],
  [["-n", "-1"], "web db"],
  [["-n", "0"], "web db"],
  [["-l", "-n", "2"], "x web"],
  [["-l", "-f", "status=exited"], "calm_fox"],
  [["-f", "status=exited"], "calm_fox"],
  [["-f", "exited=3"], "calm_fox"],
  [["-f", "name=fox"], ""],
  [["-f", "before=x"], "web db"],
  [["-f", "since=calm_fox"], "web db"],
  [["-a", "-f", "before=web"], "db calm_fox"],
];

for (const [flags, names] of CASES) {
  Deno.test(`list ${flags.join(" ")} shows ${names || "none"}`, async () => {
    const { stdout, stderr, code } = await seen([...flags, "--format", "{{.Names}}"]);
    deepEqual([stdout.split("\n").join(" ").trim(), stderr, code], [names, "", 0]);
  });
}

Deno.test("list -q prints ids alone, and says that --format is not used", async () => {
  const { stdout, stderr } = await seen(["-q", "--format", "json"]);
  equal(stdout, `${"b".repeat(12)}\n${"c".repeat(12)}\n`);
  match(stderr, /^myctr: note: .*--format/);
});

Deno.test("list --format table and list print the same", async () => {
  equal((await seen(["--format", "table"])).stdout, (await seen([])).stdout);
});

Deno.test("list measures where a size is asked for, and says what it could not", async () => {
  for (const flags of [["--format", "{{.Names}} {{.Size}}"], ["-s", "--format", "{{.Names}} {{.Size}}"]]) {
    const { stdout, stderr } = await seen(flags);
    equal(stdout, "web 1.5kB\ndb 0B\n");
    match(stderr, /^myctr: note: of "web" 2 directories .* not measured\n$/);
  }
  match((await seen(["--format", "json"])).stdout, /"Size":"0B"/);
});

Deno.test("list shows the others where one can't be read", async () => {
  const { stdout, stderr, code } = await seen(["-q"], (options) => {
    options.onUnreadable?.(
      new CtrError("unsupported", "Cannot read container x: its state has another version"),
    );
    return LIST(options);
  });
  equal(stdout.split("\n").length, 3);
  match(stderr, /^myctr: Cannot read container x/);
  equal(code, 1);
});

for (const flags of [["--format", "{{.Nmes}}"], ["--format", "{{"], ["--last", "x"], ["-f", "x"]]) {
  Deno.test(`list refuses ${flags.join(" ")}`, async () => {
    await rejects(seen(flags), { code: "usage" });
  });
}
