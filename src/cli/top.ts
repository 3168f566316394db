/** `myctr top`: shows the processes of a container. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { reportFailure } from "./each_container.ts";
import { filterPs, renderProcesses } from "./top_table.ts";

const TOP = {
  path: "myctr top",
  description: "Show the processes of a container, as this machine numbers them",
  options: [HELP_OPTION],
  operands: [
    { name: "container", isRequired: true, kind: "container", description: "its name or id" },
    { name: "ps", isVariadic: true, description: "options of ps: other columns, other order" },
  ],
  stopsAtOperand: true,
  examples: ["myctr top web", "myctr top web -o pid,user,rss,args"],
} as const satisfies Declaration;

/** Makes the command. */
export function topCommand(): Runnable {
  return runnable(TOP, async ({ operands: { container, ps } }, session) => {
    const { listProcesses, readPs } = await import("../runtime/top.ts");
    return await reportFailure(session, () => {
      if (ps.length === 0) return session.print(renderProcesses(listProcesses(container), Date.now()));
      const { text, pids } = readPs(container, ps);
      session.print(filterPs(text, pids));
    });
  });
}
