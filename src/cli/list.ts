/** `myctr list`: lists containers. */

import { command, examples, type Runnable, runnable } from "./command.ts";
import { type ContainerRow, renderContainers } from "./container_table.ts";

/** Gives the containers: the running ones, or all. */
export type ListContainers = (options: { readonly all: boolean }) => Promise<readonly ContainerRow[]>;

/** Makes the command; `list` is another one in tests. */
export function listCommand(list: ListContainers = listContainers): Runnable {
  return runnable({
    command: command("list", "List containers")
      .option("-a, --all", "list those that have ended too")
      .option("-h, --help", "show this help")
      .option("--no-trunc", "do not cut ids and commands")
      .option("-q, --quiet", "print ids alone")
      .addHelpText("after", examples("myctr list --all", "myctr ps -aq       The ids of all containers")),
    act: async ({ options: { all = false, quiet = false, trunc } }, session) => {
      const rows = await list({ all });
      session.print(renderContainers(rows, { isQuiet: quiet, isCut: trunc, nowMs: Date.now() }));
      return 0;
    },
  });
}

async function listContainers(options: { readonly all: boolean }): Promise<readonly ContainerRow[]> {
  const runtime = await import("../runtime/containers.ts");
  return await runtime.listContainers(options);
}
