/** The entry point for command lines that begin with run or create: as main.ts, without the other commands. */

import type { Runnable } from "./cli/command.ts";
import { createCommand, runCommand } from "./cli/run.ts";
import { runReported, STREAMS } from "./cli/session.ts";

const COMMANDS: Readonly<Record<string, () => Runnable>> = {
  run: runCommand,
  create: createCommand,
};

const [word = "", ...words] = Deno.args;
Deno.exit(await runReported(STREAMS, (session) => COMMANDS[word]!().run(words, session)));
