/** `myctr container prune`, `image prune`, `volume prune` and `system prune`: remove what is not needed. */

import type { Removed } from "../runtime/images.ts";
import { parsePruneFilter, type PruneFilter } from "../spec/prune_filter.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { confirm } from "./confirm.ts";
import type { Declaration, FlagRow, ValueRow } from "./declaration.ts";
import { renderSize } from "../spec/render_size.ts";

const FILTER_OPTION = {
  name: "filter",
  long: "--filter",
  placeholder: "key=value",
  isRepeated: true,
  kind: ["until=", "label=", "label!="],
  description: "those alone that are older (until), or have labels, or have them not",
  parse: parseFilter,
} as const satisfies ValueRow;

const FORCE_OPTION = {
  name: "force",
  long: "--force",
  short: "-f",
  description: "do not ask",
} as const satisfies FlagRow;

const PRUNE = {
  path: "myctr container prune",
  description: "Remove all containers that do not run",
  options: [
    FILTER_OPTION,
    FORCE_OPTION,
    HELP_OPTION,
  ],
  operands: [],
  examples: ["myctr container prune --force --filter until=24h --filter label!=keep"],
} as const satisfies Declaration;

/** Makes the command. */
export function pruneCommand(): Runnable {
  return runnable(PRUNE, async ({ options: { filter, force = false } }, session) => {
    if (!force && !confirm(warningOf("all stopped containers", filter), session)) return 1;
    const { pruneContainers } = await import("../runtime/prune.ts");
    const { ids, bytes } = pruneContainers(filter);
    session.print(`${listed("Containers", ids)}Total reclaimed space: ${renderSize(bytes)}\n`);
    return 0;
  });
}

const PRUNE_IMAGES = {
  path: "myctr image prune",
  description: "Remove all images that have no name",
  options: [
    { name: "all", long: "--all", short: "-a", description: "all that no container is made of" },
    FILTER_OPTION,
    FORCE_OPTION,
    HELP_OPTION,
  ],
  operands: [],
  examples: ["myctr image prune", "myctr image prune --all --force --filter until=24h"],
} as const satisfies Declaration;

/** Makes the command for images. */
export function pruneImagesCommand(): Runnable {
  return runnable(PRUNE_IMAGES, async ({ options: { all = false, filter, force = false } }, session) => {
    const what = all ? "all images that no container is made of" : "all images that have no name";
    if (!force && !confirm(warningOf(what, filter), session)) return 1;
    const { pruneImages } = await import("../runtime/prune_images.ts");
    const { removed, bytes } = pruneImages({ all, filters: filter });
    session.print(
      `${listed("Images", removed.map(renderRemoved))}Total reclaimed space: ${renderSize(bytes)}\n`,
    );
    return 0;
  });
}

const PRUNE_VOLUMES = {
  path: "myctr volume prune",
  description: "Remove all volumes without a name that no container uses",
  options: [
    { name: "all", long: "--all", short: "-a", description: "those with a name too" },
    {
      ...FILTER_OPTION,
      kind: ["label=", "label!="],
      description: "those alone that have labels, or have them not",
    },
    FORCE_OPTION,
    HELP_OPTION,
  ],
  operands: [],
  examples: ["myctr volume prune", "myctr volume prune --all --force --filter label!=keep"],
} as const satisfies Declaration;

/** Makes the command for volumes. */
export function pruneVolumesCommand(): Runnable {
  return runnable(PRUNE_VOLUMES, async ({ options: { all = false, filter, force = false } }, session) => {
    const what = `${all ? "all" : "all anonymous"} volumes that no container uses, and what is in them`;
    if (!force && !confirm(warningOf(what, filter), session)) return 1;
    const { pruneVolumes } = await import("../runtime/volumes.ts");
    const { names, bytes } = pruneVolumes({ all, filters: filter });
    session.print(`${listed("Volumes", names)}Total reclaimed space: ${renderSize(bytes)}\n`);
    return 0;
  });
}

const PRUNE_SYSTEM = {
  path: "myctr system prune",
  description: "Remove containers that do not run, and images without a name",
  options: [
    { name: "all", long: "--all", short: "-a", description: "all images that no container is made of" },
    FILTER_OPTION,
    FORCE_OPTION,
    HELP_OPTION,
    { name: "volumes", long: "--volumes", description: "volumes without a name too, that no container uses" },
  ],
  operands: [],
  examples: ["myctr system prune", "myctr system prune --all --volumes --force"],
} as const satisfies Declaration;

/** Makes the command for all of it. What a container needed may go when that has gone. */
export function pruneSystemCommand(): Runnable {
  return runnable(PRUNE_SYSTEM, async ({ options }, session) => {
    const { all = false, filter, force = false, volumes = false } = options;
    const what = [
      "all stopped containers",
      all ? "all images that no container is made of" : "all images that have no name",
      ...(volumes ? ["all anonymous volumes that no container uses"] : []),
    ].join(", ");
    if (!force && !confirm(warningOf(what, filter), session)) return 1;
    const [containers, images, anonymous] = await Promise.all([
      import("../runtime/prune.ts"),
      import("../runtime/prune_images.ts"),
      import("../runtime/volumes.ts"),
    ]);
    const gone = containers.pruneContainers(filter);
    const pruned = volumes
      ? anonymous.pruneVolumes({ all: false, filters: filter })
      : { names: [], bytes: 0 };
    const { removed, bytes } = images.pruneImages({ all, filters: filter });
    session.print(
      listed("Containers", gone.ids) + listed("Volumes", pruned.names) +
        listed("Images", removed.map(renderRemoved)) +
        `Total reclaimed space: ${renderSize(gone.bytes + pruned.bytes + bytes)}\n`,
    );
    return 0;
  });
}

function listed(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `Deleted ${title}:\n${lines.join("\n")}\n\n`;
}

function renderRemoved(each: Removed): string {
  return "untagged" in each ? `untagged: ${each.untagged}` : `deleted: ${each.deleted}`;
}

function parseFilter(text: string): PruneFilter {
  return parsePruneFilter(text, Date.now());
}

function warningOf(what: string, filters: readonly PruneFilter[]): string {
  const which = filters.length === 0
    ? ""
    : `\n\n  Items to be pruned will be filtered with:\n${
      filters.map(({ text }) => `  - ${text}`).join("\n")
    }\n`;
  return `This will remove ${what}.${which}`;
}
