/** The entry point for command lines that begin with list or inspect: as main.ts, without the other commands. */

import type { Runnable } from "./cli/command.ts";
import { inspectCommand } from "./cli/inspect.ts";
import { listCommand } from "./cli/list.ts";
import { runReported, STREAMS } from "./cli/session.ts";

const COMMANDS: Readonly<Record<string, () => Runnable>> = {
  list: listCommand,
  ls: listCommand,
  ps: listCommand,
  inspect: inspectCommand,
};

const [word = "", ...words] = Deno.args;
Deno.exit(await runReported(STREAMS, (session) => COMMANDS[word]!().run(words, session)));
