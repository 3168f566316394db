/** What `history` shows of an image's steps, with docker's fields, columns and words. Pure. */

import { renderDuration } from "./duration.ts";
import { renderSize } from "../spec/render_size.ts";
import { renderTable } from "./table.ts";
import type { Listing } from "./template/rows.ts";
import { renderRfc3339, type ZoneAt } from "./time_text.ts";
import { visible } from "./visible.ts";

/** A step. */
export interface HistoryRow {
  /** Absent for a step between. */
  readonly id?: string;
  /** Milliseconds since 1970; 0 where it does not say. */
  readonly createdMs: number;
  readonly createdBy: string;
  /** Bytes. */
  readonly size: number;
  readonly comment: string;
  readonly zoneAt: ZoneAt;
}

/** How steps are shown. */
export interface HistoryOptions {
  /** Whether ids and commands are cut. */
  readonly isCut: boolean;
  /** Whether sizes and times are as people say them. */
  readonly isHuman: boolean;
  readonly nowMs: number;
}

const PREFIX = "sha256:";
const SHORT_ID = 12;
const SHORT_COMMAND = 45;
const MISSING = "<missing>";

type Cell = (row: HistoryRow, options: HistoryOptions) => string;

const createdSince: Cell = ({ createdMs }, { nowMs }) =>
  createdMs === 0 ? "N/A" : `${renderDuration(nowMs - createdMs)} ago`;
const createdAt: Cell = ({ createdMs, zoneAt }) => createdMs === 0 ? "" : renderRfc3339(createdMs, zoneAt);

const FIELDS: readonly { readonly name: string; readonly title: string; readonly value: Cell }[] = [
  {
    name: "ID",
    title: "IMAGE",
    value: ({ id = MISSING }, { isCut }) =>
      isCut && id !== MISSING ? id.slice(PREFIX.length, PREFIX.length + SHORT_ID) : id,
  },
  {
    name: "CreatedSince",
    title: "CREATED",
    value: (row, options) => options.isHuman ? createdSince(row, options) : createdAt(row, options),
  },
  { name: "CreatedAt", title: "CREATED AT", value: createdAt },
  {
    name: "CreatedBy",
    title: "CREATED BY",
    value: ({ createdBy }, { isCut }) => {
      const line = createdBy.replaceAll("\t", " ");
      return isCut && line.length > SHORT_COMMAND ? `${line.slice(0, SHORT_COMMAND - 1)}…` : line;
    },
  },
  { name: "Size", title: "SIZE", value: ({ size }, { isHuman }) => isHuman ? renderSize(size) : `${size}` },
  { name: "Comment", title: "COMMENT", value: ({ comment }) => comment },
];

const USUAL = ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"] as const;

/** Renders the usual table. */
export function renderHistory(rows: readonly HistoryRow[], options: HistoryOptions): string {
  const fields = USUAL.map((name) => FIELDS.find((field) => field.name === name)!);
  const cells = rows.map((row) => fields.map(({ value }) => visible(value(row, options))));
  return renderTable([fields.map(({ title }) => title), ...cells]);
}

/** Renders ids alone. */
export function renderHistoryIds(rows: readonly HistoryRow[], options: HistoryOptions): string {
  return rows.map((row) => `${FIELDS[0]!.value(row, options)}\n`).join("");
}

/** What `--format` can ask of a step. */
export function historyListing(options: HistoryOptions): Listing<HistoryRow> {
  return {
    columns: FIELDS.map(({ name, title, value }) => ({ name, title, value: (row) => value(row, options) })),
    table: USUAL.map((name) => `{{.${name}}}`).join("\\t"),
  };
}
