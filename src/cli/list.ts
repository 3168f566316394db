/** `myctr list`: lists containers. */

import { CtrError } from "../errors.ts";
import { isAlive } from "../runtime/container_status.ts";
import type { ContainerSummary, ListOptions } from "../runtime/containers.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { asksForStopped, FILTER_WORDS, filterContainers, parseContainerFilter } from "./container_filter.ts";
import {
  containerListing,
  type ContainerRow,
  renderContainers,
  renderIds,
  type TableOptions,
} from "./container_table.ts";
import { renderHidden } from "./hidden_size.ts";
import type { Call, Declaration } from "./declaration.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/** Gives the containers, the newest first: the running ones, or all. */
export type ListContainers = (options: ListOptions) => Promise<readonly ContainerRow[]>;

const LIST = {
  path: "myctr list",
  description: "List containers",
  options: [
    { name: "all", long: "--all", short: "-a", description: "list those that do not run too" },
    {
      name: "filters",
      long: "--filter",
      short: "-f",
      placeholder: "key=value",
      kind: FILTER_WORDS,
      description: "list those that fit: by name, status, label, ...",
      parse: parseContainerFilter,
      isRepeated: true,
    },
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json", "table"],
      description: "table (default), json, or a template as docker has them",
    },
    HELP_OPTION,
    {
      name: "last",
      long: "--last",
      short: "-n",
      placeholder: "number",
      description: "list the newest ones, whether they run or not",
      parse: parseCount,
    },
    { name: "latest", long: "--latest", short: "-l", description: "list the newest one: --last 1" },
    { name: "noTrunc", long: "--no-trunc", description: "do not cut ids, commands and paths" },
    { name: "quiet", long: "--quiet", short: "-q", description: "print ids alone" },
    { name: "size", long: "--size", short: "-s", description: "measure how much room they take" },
  ],
  operands: [],
  examples: [
    "myctr list --all",
    "myctr ps -aq                             The ids of all containers",
    "myctr ps -f status=exited -f label=tier  Both, of those that have ended",
    "myctr ps --format '{{.Names}} {{.State}}'",
  ],
} as const satisfies Declaration;

/** Makes the command; `list` and the time are others in tests. */
export function listCommand(list: ListContainers = listContainers, now: () => number = Date.now): Runnable {
  return runnable(LIST, async ({ options }, session) => {
    const render = await chooseFormat(options, { nowMs: now(), session });
    let exitCode = 0;
    const rows = await findRows(options, (wanted) =>
      list({
        ...wanted,
        onUnreadable(error) {
          session.warn(report(error, session).text);
          exitCode = 1;
        },
      }));
    session.print(render(rows));
    return exitCode;
  });
}

type Options = Call<typeof LIST>["options"];

async function findRows(
  { all, latest, last = latest ? 1 : 0, filters }: Options,
  list: ListContainers,
): Promise<readonly ContainerRow[]> {
  const isAll = all === true || last > 0 || asksForStopped(filters);
  const isOrdered = filters.some(({ key }) => key === "before" || key === "since");
  const found = filterContainers(await list({ all: isAll || isOrdered }), filters);
  const rows = isAll ? found : found.filter(({ status }) => isAlive(status));
  return last > 0 ? rows.slice(0, last) : rows;
}

/** What writes the rows. A mistake in a template is found before anything is done. */
async function chooseFormat(
  { quiet, noTrunc, size, format }: Options,
  { nowMs, session }: { readonly nowMs: number; readonly session: Session },
): Promise<(rows: readonly ContainerRow[]) => string> {
  // As docker: a template that has the field asks for it, while json has it only where --size was given.
  const isSized = size === true || /\.Size\b/.test(format ?? "");
  const options: TableOptions = { isCut: !noTrunc, isSized, nowMs };
  if (quiet) {
    // As docker says it.
    if (format !== undefined) session.warn("myctr: note: --quiet prints ids alone: --format is not used\n");
    return (rows) => renderIds(rows, options);
  }
  const isPlain = format === undefined || format === "table";
  const render = isPlain
    ? (rows: readonly ContainerRow[]) => renderContainers(rows, options)
    : await parseFormat(format, options);
  return (rows) => {
    const text = render(rows);
    if (isSized) session.warn(rows.map(({ name, size }) => renderHidden(name, size().hiddenCount)).join(""));
    return text;
  };
}

async function parseFormat(
  format: string,
  options: TableOptions,
): Promise<(rows: readonly ContainerRow[]) => string> {
  const { labelTitle, parseRowFormat } = await import("./template/rows.ts");
  return parseRowFormat(format, containerListing(options, labelTitle));
}

function parseCount(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new CtrError("usage", `Cannot use --last ${JSON.stringify(text)}: it is no number`, {
    hint: "Write how many, as in --last 3",
  });
}

async function listContainers(options: ListOptions): Promise<readonly ContainerSummary[]> {
  const runtime = await import("../runtime/containers.ts");
  return runtime.listContainers(options);
}
