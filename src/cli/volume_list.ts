/** `myctr volume ls`: lists volumes. */

import type { CtrError } from "../errors.ts";
import { parseVolumeFilter, VOLUME_FILTER_WORDS, type VolumeRow } from "../spec/volume_filter.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { report } from "./report.ts";
import { renderTable } from "./table.ts";
import type { Listing } from "./template/rows.ts";

/** Gives the volumes by name; what can't be read is told of. */
export type ListVolumes = (onUnreadable: (error: CtrError) => void) => Promise<readonly VolumeRow[]>;

const LIST = {
  path: "myctr volume ls",
  description: "List volumes",
  options: [
    {
      name: "filter",
      long: "--filter",
      short: "-f",
      placeholder: "key=value",
      kind: VOLUME_FILTER_WORDS,
      isRepeated: true,
      description: "those alone that fit: dangling, driver, label, name",
      parse: parseVolumeFilter,
    },
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json", "table"],
      description: "table (default), json, or a template as docker has them",
    },
    HELP_OPTION,
    { name: "quiet", long: "--quiet", short: "-q", description: "print names alone" },
  ],
  operands: [],
  examples: ["myctr volume ls", "myctr volume ls --quiet --filter dangling=true"],
} as const satisfies Declaration;

const LISTING: Listing<VolumeRow> = {
  columns: [
    { name: "Driver", title: "DRIVER", value: () => "local" },
    { name: "Name", title: "VOLUME NAME", value: ({ name }) => name },
    { name: "Labels", title: "LABELS", value: ({ labels }) => renderLabels(labels) },
    { name: "Mountpoint", title: "MOUNTPOINT", value: ({ mountpoint }) => mountpoint },
    { name: "Scope", title: "SCOPE", value: () => "local" },
    { name: "Links", title: "LINKS", value: ({ users }) => `${users}` },
  ],
  table: "{{.Driver}}\\t{{.Name}}",
};

/** Makes the command; `list` is another one in tests. */
export function listVolumesCommand(list: ListVolumes = listVolumes): Runnable {
  return runnable(LIST, async ({ options: { filter, format, quiet } }, session) => {
    const render = await chooseFormat(format, quiet === true);
    let exitCode = 0;
    const rows = await list((error) => {
      session.warn(report(error, session).text);
      exitCode = 1;
    });
    session.print(render(rows.filter((row) => filter.every((fits) => fits(row)))));
    return exitCode;
  });
}

async function chooseFormat(
  format: string | undefined,
  isQuiet: boolean,
): Promise<(rows: readonly VolumeRow[]) => string> {
  if (isQuiet) return (rows) => rows.map(({ name }) => `${name}\n`).join("");
  if (format === undefined || format === "table") {
    return (rows) => renderTable([["DRIVER", "VOLUME NAME"], ...rows.map(({ name }) => ["local", name])]);
  }
  const { parseRowFormat } = await import("./template/rows.ts");
  return parseRowFormat(format, LISTING);
}

function renderLabels(labels: VolumeRow["labels"]): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(",");
}

async function listVolumes(onUnreadable: (error: CtrError) => void): Promise<readonly VolumeRow[]> {
  const { listVolumes, volumeData, volumeUsers } = await import("../runtime/volumes.ts");
  const users = volumeUsers();
  return listVolumes(onUnreadable).map(({ name, labels }) => ({
    name,
    labels,
    mountpoint: volumeData(name),
    users: users.get(name)?.length ?? 0,
  }));
}
