/** The entry point for command lines that begin with list or inspect: as main.ts, without the other commands. */

import { inspectCommand } from "./cli/inspect.ts";
import { listCommand } from "./cli/list.ts";
import { runOneOf } from "./cli/run_one_of.ts";

Deno.exit(
  await runOneOf({
    list: listCommand,
    ls: listCommand,
    ps: listCommand,
    inspect: inspectCommand,
  }),
);
