/** The entry point for command lines that begin with list, inspect or port: as main.ts, without the other commands. */

import { inspectCommand } from "./cli/inspect.ts";
import { listCommand } from "./cli/list.ts";
import { portCommand } from "./cli/port.ts";
import { runOneOf } from "./cli/run_one_of.ts";

Deno.exit(
  await runOneOf({
    list: listCommand,
    ls: listCommand,
    ps: listCommand,
    inspect: inspectCommand,
    port: portCommand,
  }),
);
