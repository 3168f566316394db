/** `myctr help`: shows what commands there are, or how one is used. */

import { command, examples, renderHelp, type Runnable, runnable } from "./command.ts";
import { findEntry } from "./commands.ts";
import { renderProgramHelp } from "./program.ts";

/** Makes the command. */
export function helpCommand(): Runnable {
  return runnable({
    command: command("help", "Show the commands, or the help of one")
      .argument("[command]")
      .option("-h, --help", "show this help")
      .addHelpText("after", examples("myctr help", "myctr help run")),
    act: async ({ args: [name] }, session) => {
      if (name === undefined) session.print(await renderProgramHelp());
      else session.print(renderHelp((await findEntry(name).load()).command));
      return 0;
    },
  });
}
