/** Renders the table of containers with docker's columns and words. Pure. */

import { renderDuration } from "./duration.ts";
import { renderTable } from "./table.ts";
import { visible } from "./visible.ts";

/** What the table shows of a container. */
export interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly status: "running" | "created" | "exited";
  readonly exitCode?: number;
  /** Milliseconds since 1970, as the next two. */
  readonly createdMs: number;
  readonly startedMs?: number;
  readonly finishedMs?: number;
}

/** How the table is wanted. */
export interface TableOptions {
  /** Ids alone. */
  readonly isQuiet: boolean;
  /** Whether ids and commands are cut. */
  readonly isCut: boolean;
  readonly nowMs: number;
}

const HEAD = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];
const SHORT_ID = 12;
const COMMAND_WIDTH = 20;

/** Renders the containers, the newest first. */
export function renderContainers(rows: readonly ContainerRow[], options: TableOptions): string {
  const sorted = [...rows].sort((a, b) => b.createdMs - a.createdMs);
  const idOf = ({ id }: ContainerRow) => options.isCut ? id.slice(0, SHORT_ID) : id;
  if (options.isQuiet) return sorted.map((row) => `${idOf(row)}\n`).join("");
  const cells = sorted.map((row) => [
    idOf(row),
    visible(row.image),
    renderCommand(row.command, options.isCut),
    `${renderDuration(options.nowMs - row.createdMs)} ago`,
    renderStatus(row, options.nowMs),
    "",
    row.name,
  ]);
  return renderTable([HEAD, ...cells]);
}

/** Renders the words as docker does: joined by blanks, cut, then quoted. */
function renderCommand(words: readonly string[], isCut: boolean): string {
  const characters = [...words.join(" ")];
  const isLong = isCut && characters.length > COMMAND_WIDTH;
  const shown = isLong ? `${characters.slice(0, COMMAND_WIDTH - 1).join("")}…` : characters.join("");
  return visible(JSON.stringify(shown));
}

function renderStatus({ status, exitCode, startedMs, finishedMs }: ContainerRow, nowMs: number): string {
  const since = (timeMs: number | undefined) => timeMs === undefined ? "" : renderDuration(nowMs - timeMs);
  if (status === "created") return "Created";
  if (status === "running") return `Up ${since(startedMs)}`.trimEnd();
  const ended = finishedMs === undefined ? "" : ` ${since(finishedMs)} ago`;
  return `Exited (${exitCode ?? "?"})${ended}`;
}
