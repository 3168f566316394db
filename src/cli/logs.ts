/** `myctr logs`: shows what a container wrote. */

import { CtrError } from "../errors.ts";
import type { LogsOptions } from "../runtime/read_logs.ts";
import { parseInstant } from "../spec/parse_time.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { reportFailure } from "./each_container.ts";

/** Shows the log of a container. */
export type ShowLogs = (reference: string, options: LogsOptions) => Promise<void>;

const LOGS = {
  path: "myctr logs",
  description: "Show what a container wrote, each stream where it was written to",
  options: [
    { name: "details", long: "--details", description: "a blank before each line: where docker has labels" },
    { name: "follow", long: "--follow", short: "-f", description: "go on until the container ends" },
    HELP_OPTION,
    {
      name: "since",
      long: "--since",
      placeholder: "time",
      description: "lines from then on: 10m, 2026-01-31T12:00:00Z, seconds",
      parse: parseTime,
    },
    {
      name: "tail",
      long: "--tail",
      short: "-n",
      placeholder: "number",
      description: "the last lines alone; all (the default)",
      parse: parseTail,
    },
    { name: "timestamps", long: "--timestamps", short: "-t", description: "the time before each line" },
    {
      name: "until",
      long: "--until",
      placeholder: "time",
      description: "lines up to then; with -f, that long",
      parse: parseTime,
    },
  ],
  operands: [{ name: "container", isRequired: true, kind: "container" }],
  examples: ["myctr logs web", "myctr logs -f --tail 20 -t web", "myctr logs --since 1h30m --until 1h web"],
} as const satisfies Declaration;

/** Makes the command; `show` is another one in tests. */
export function logsCommand(show: ShowLogs = showLogs): Runnable {
  return runnable(LOGS, async ({ operands, options }, session) => {
    const { details = false, follow = false, timestamps = false, since, until, tail } = options;
    return await reportFailure(session, async () => {
      await show(operands.container, {
        details,
        follow,
        timestamps,
        since,
        until,
        tail: tail === "all" ? undefined : tail,
      });
    });
  });
}

function parseTime(text: string): ReturnType<typeof parseInstant> {
  return parseInstant(text, Date.now());
}

/** Podman writes -1 for all of them. */
function parseTail(text: string): number | "all" {
  if (text === "all" || text === "-1") return "all";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CtrError("usage", `Cannot show the last ${JSON.stringify(text)} lines: it is no whole number`, {
    hint: "Write --tail 20, or --tail all",
  });
}

async function showLogs(reference: string, options: LogsOptions): Promise<void> {
  (await import("../runtime/read_logs.ts")).readLogs(reference, options);
}
