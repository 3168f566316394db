/** The entry point for what starts containers that are there: as main.ts, without the other commands. */

import type { Runnable } from "./cli/command.ts";
import { runReported, STREAMS } from "./cli/session.ts";
import { restartAtEndCommand, startWaitedCommand } from "./cli/own_commands.ts";
import { startCommand } from "./cli/start.ts";

const COMMANDS: Readonly<Record<string, () => Runnable>> = {
  start: startCommand,
  __restart: restartAtEndCommand,
  __start: startWaitedCommand,
};

const [word = "", ...words] = Deno.args;
Deno.exit(await runReported(STREAMS, (session) => COMMANDS[word]!().run(words, session)));
