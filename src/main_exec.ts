/** The entry point for what runs a command in a container: as main.ts, without the other commands. */

import type { Runnable } from "./cli/command.ts";
import { execCommand } from "./cli/exec.ts";
import { healthCommand } from "./cli/own_commands.ts";
import { runReported, STREAMS } from "./cli/session.ts";

const COMMANDS: Readonly<Record<string, () => Runnable>> = {
  exec: execCommand,
  __health: healthCommand,
};

const [word = "", ...words] = Deno.args;
Deno.exit(await runReported(STREAMS, (session) => COMMANDS[word]!().run(words, session)));
