import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import type { LogsOptions } from "../runtime/read_logs.ts";
import { logsCommand, type ShowLogs } from "./logs.ts";

const QUIET = { isDebug: false, print: () => {}, warn: () => {} };

/** What the command asks for. */
async function asked(...argv: string[]): Promise<LogsOptions> {
  let options: LogsOptions | undefined;
  const show: ShowLogs = (_, given) => {
    options = given;
    return Promise.resolve();
  };
  equal(await logsCommand(show).run(argv, QUIET), 0);
  return options!;
}

const NONE = {
  details: false,
  follow: false,
  timestamps: false,
  since: undefined,
  until: undefined,
  tail: undefined,
};

const ROWS = [
  { argv: [], options: {} },
  { argv: ["-ft", "--details"], options: { details: true, follow: true, timestamps: true } },
  { argv: ["-n", "20"], options: { tail: 20 } },
  { argv: ["--tail=0"], options: { tail: 0 } },
  { argv: ["--tail", "all"], options: {} },
  { argv: ["-n", "-1"], options: {} },
  { argv: ["--since", "7"], options: { since: { seconds: 7, nanoseconds: 0 } } },
  { argv: ["--until", "7.5"], options: { until: { seconds: 7, nanoseconds: 500_000_000 } } },
] as const;

for (const { argv, options } of ROWS) {
  Deno.test(`logs ${argv.join(" ")} web asks for that`, async () => {
    deepEqual(await asked(...argv, "web"), { ...NONE, ...options });
  });
}

for (const argv of [[], ["a", "b"], ["-n", "x", "web"], ["-n", "1.5", "web"], ["--since", "soon", "web"]]) {
  Deno.test(`logs ${argv.join(" ")} is refused`, async () => {
    await rejects(() => asked(...argv), { code: "usage" });
  });
}

Deno.test("logs: what goes wrong with the container is docker's 1", async () => {
  let told = "";
  const command = logsCommand(() => Promise.reject(new CtrError("not_found", "Cannot find it")));
  equal(await command.run(["web"], { ...QUIET, warn: (text) => told += text }), 1);
  match(told, /^myctr: Cannot find it\n/);
});
