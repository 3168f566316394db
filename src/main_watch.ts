/** The entry point for command lines that begin with logs, events or wait: as main.ts, without the other commands. */

import type { Runnable } from "./cli/command.ts";
import { eventsCommand } from "./cli/events.ts";
import { logsCommand } from "./cli/logs.ts";
import { runReported, STREAMS } from "./cli/session.ts";
import { waitCommand } from "./cli/wait.ts";

const COMMANDS: Readonly<Record<string, () => Runnable>> = {
  logs: logsCommand,
  events: eventsCommand,
  wait: waitCommand,
};

const [word = "", ...words] = Deno.args;
Deno.exit(await runReported(STREAMS, (session) => COMMANDS[word]!().run(words, session)));
