/** The entry point for command lines that begin with run or create: as main.ts, without the other commands. */

import { createCommand, runCommand } from "./cli/run.ts";
import { runOneOf } from "./cli/run_one_of.ts";

Deno.exit(
  await runOneOf({
    run: runCommand,
    create: createCommand,
  }),
);
