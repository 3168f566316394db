/** `myctr help`: shows what commands there are, or how one is used. */

import { HELP_OPTION, printHelp, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { findEntry } from "./noun.ts";
import { PROGRAM } from "./program.ts";

const HELP = {
  path: "myctr help",
  description: "Show the commands, or the help of one",
  options: [HELP_OPTION],
  operands: [{ name: "command", kind: "command" }],
  examples: ["myctr help", "myctr help run"],
} as const satisfies Declaration;

/** Makes the command. */
export function helpCommand(): Runnable {
  return runnable(HELP, async ({ operands: { command } }, session) => {
    if (command === undefined) return await printHelp(PROGRAM, session);
    const { declaration } = await findEntry(command, PROGRAM).load();
    return await printHelp(declaration, session);
  });
}
