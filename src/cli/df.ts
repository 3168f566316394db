/** `myctr system df`: how much room is taken, and what of it could be given back. */

import { CtrError } from "../errors.ts";
import type { DiskUse } from "../runtime/disk_use.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { renderSize } from "../spec/render_size.ts";
import { renderTable } from "./table.ts";
import type { Listing } from "./template/rows.ts";

const DF = {
  path: "myctr system df",
  description: "Show how much room images, containers and volumes take",
  options: [
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json", "table"],
      description: "table (default), json, or a template as docker has them",
    },
    HELP_OPTION,
    { name: "verbose", long: "--verbose", short: "-v", description: "show each image, container and volume" },
  ],
  operands: [],
  examples: [
    "myctr system df",
    "myctr system df --verbose",
    "myctr system df --format '{{.Type}} {{.Reclaimable}}'",
  ],
} as const satisfies Declaration;

const FIELDS: readonly {
  readonly name: string;
  readonly title: string;
  readonly value: (use: DiskUse) => string;
}[] = [
  { name: "Type", title: "TYPE", value: ({ type }) => type },
  { name: "TotalCount", title: "TOTAL", value: ({ total }) => `${total}` },
  { name: "Active", title: "ACTIVE", value: ({ active }) => `${active}` },
  { name: "Size", title: "SIZE", value: ({ size }) => renderSize(size) },
  { name: "Reclaimable", title: "RECLAIMABLE", value: renderReclaimable },
];

const LISTING: Listing<DiskUse> = {
  columns: FIELDS,
  table: FIELDS.map(({ name }) => `{{.${name}}}`).join("\\t"),
};

function renderReclaimable({ size, reclaimable }: DiskUse): string {
  const share = size === 0 ? "" : ` (${Math.trunc(100 * reclaimable / size)}%)`;
  return `${renderSize(reclaimable)}${share}`;
}

/** Makes the command. */
export function dfCommand(): Runnable {
  return runnable(DF, async ({ options: { format, verbose = false } }, session) => {
    if (verbose) {
      session.print(await renderEach(format));
      return 0;
    }
    const render = await chooseFormat(format);
    const { measureUse } = await import("../runtime/disk_use.ts");
    session.print(render(measureUse()));
    return 0;
  });
}

async function chooseFormat(format: string | undefined): Promise<(uses: readonly DiskUse[]) => string> {
  if (format === undefined || format === "table") {
    return (uses) =>
      renderTable([
        FIELDS.map(({ title }) => title),
        ...uses.map((use) => FIELDS.map(({ value }) => value(use))),
      ]);
  }
  const { parseRowFormat } = await import("./template/rows.ts");
  return parseRowFormat(format, LISTING);
}

async function renderEach(format: string | undefined): Promise<string> {
  if (format !== undefined) {
    throw new CtrError("usage", 'Cannot use "--format" with "--verbose": it shows three tables', {
      hint: 'See "myctr images", "list" and "volume ls", which have formats of their own',
    });
  }
  const [{ renderDetails }, { measureEach }, { familiarName, parseReference }] = await Promise.all([
    import("./df_details.ts"),
    import("../runtime/disk_use.ts"),
    import("../image/reference.ts"),
  ]);
  const { images, ...others } = measureEach();
  const named = images.map(({ name, ...image }) => ({
    ...image,
    ...(name === undefined ? { name: "<none>", tag: "<none>" } : familiarName(parseReference(name))),
  }));
  return renderDetails({ images: named, ...others }, Date.now());
}
