/** `myctr list`: lists containers. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { type ContainerRow, renderContainers } from "./container_table.ts";
import type { Declaration } from "./declaration.ts";

/** Gives the containers: the running ones, or all. */
export type ListContainers = (options: { readonly all: boolean }) => Promise<readonly ContainerRow[]>;

const LIST = {
  path: "myctr list",
  description: "List containers",
  options: [
    { name: "all", long: "--all", short: "-a", description: "list those that have ended too" },
    HELP_OPTION,
    { name: "noTrunc", long: "--no-trunc", description: "do not cut ids and commands" },
    { name: "quiet", long: "--quiet", short: "-q", description: "print ids alone" },
  ],
  operands: [],
  examples: ["myctr list --all", "myctr ps -aq       The ids of all containers"],
} as const satisfies Declaration;

/** Makes the command; `list` is another one in tests. */
export function listCommand(list: ListContainers = listContainers): Runnable {
  return runnable(LIST, async ({ options: { all = false, quiet = false, noTrunc = false } }, session) => {
    const rows = await list({ all });
    session.print(renderContainers(rows, { isQuiet: quiet, isCut: !noTrunc, nowMs: Date.now() }));
    return 0;
  });
}

async function listContainers(options: { readonly all: boolean }): Promise<readonly ContainerRow[]> {
  const runtime = await import("../runtime/containers.ts");
  return await runtime.listContainers(options);
}
