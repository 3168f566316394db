/** The entry point for command lines that begin with logs, events or wait: as main.ts, without the other commands. */

import { eventsCommand } from "./cli/events.ts";
import { logsCommand } from "./cli/logs.ts";
import { runOneOf } from "./cli/run_one_of.ts";
import { waitCommand } from "./cli/wait.ts";

Deno.exit(
  await runOneOf({
    logs: logsCommand,
    events: eventsCommand,
    wait: waitCommand,
  }),
);
