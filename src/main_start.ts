/** The entry point for what starts containers that are there: as main.ts, without the other commands. */

import { restartAtEndCommand, startWaitedCommand } from "./cli/own_commands.ts";
import { runOneOf } from "./cli/run_one_of.ts";
import { startCommand } from "./cli/start.ts";

Deno.exit(
  await runOneOf({
    start: startCommand,
    __restart: restartAtEndCommand,
    __start: startWaitedCommand,
  }),
);
