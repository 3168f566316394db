/** The entry point for what runs a command in a container: as main.ts, without the other commands. */

import { execCommand } from "./cli/exec.ts";
import { healthCommand } from "./cli/own_commands.ts";
import { runOneOf } from "./cli/run_one_of.ts";

Deno.exit(
  await runOneOf({
    exec: execCommand,
    __health: healthCommand,
  }),
);
