/** What the entry points of single commands do: the first word chooses, the rest is the command's. */

import { settleCache } from "../executable/settle_cache.ts";
import type { Runnable } from "./command.ts";
import { runReported, STREAMS } from "./session.ts";

/** Runs the command that this process's command line names, of those; gives the exit code. */
export async function runOneOf(commands: Readonly<Record<string, () => Runnable>>): Promise<number> {
  const [word = "", ...words] = Deno.args;
  const exitCode = await runReported(STREAMS, (session) => commands[word]!().run(words, session));
  await settleCache();
  return exitCode;
}
