/** `myctr container prune`: removes containers that do not run. */

import { parsePruneFilter, type PruneFilter } from "../spec/prune_filter.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { confirm } from "./confirm.ts";
import type { Declaration } from "./declaration.ts";
import { renderSize } from "./human_size.ts";

const PRUNE = {
  path: "myctr container prune",
  description: "Remove all containers that do not run",
  options: [
    {
      name: "filter",
      long: "--filter",
      placeholder: "key=value",
      isRepeated: true,
      kind: ["until=", "label=", "label!="],
      description: "those alone that are older (until), or have labels, or have them not",
      parse: parseFilter,
    },
    { name: "force", long: "--force", short: "-f", description: "do not ask" },
    HELP_OPTION,
  ],
  operands: [],
  examples: ["myctr container prune --force --filter until=24h --filter label!=keep"],
} as const satisfies Declaration;

/** Makes the command. */
export function pruneCommand(): Runnable {
  return runnable(PRUNE, async ({ options: { filter, force = false } }, session) => {
    if (!force && !confirm(warningOf(filter), session)) return 1;
    const { pruneContainers } = await import("../runtime/prune.ts");
    const { ids, bytes } = pruneContainers(filter);
    const list = ids.length === 0 ? "" : `Deleted Containers:\n${ids.join("\n")}\n\n`;
    session.print(`${list}Total reclaimed space: ${renderSize(bytes)}\n`);
    return 0;
  });
}

function parseFilter(text: string): PruneFilter {
  return parsePruneFilter(text, Date.now());
}

function warningOf(filters: readonly PruneFilter[]): string {
  const which = filters.length === 0
    ? ""
    : `\n\n  Items to be pruned will be filtered with:\n${
      filters.map(({ text }) => `  - ${text}`).join("\n")
    }\n`;
  return `This will remove all stopped containers.${which}`;
}
