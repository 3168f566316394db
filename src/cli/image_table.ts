/** What lists show of images, with docker's fields, columns and words. Pure. */

import { renderDuration } from "./duration.ts";
import { renderSize } from "../spec/render_size.ts";
import { renderTable } from "./table.ts";
import type { Field, Listing } from "./template/rows.ts";
import { renderLocalTime, type ZoneAt } from "./time_text.ts";
import { visible } from "./visible.ts";

/** What a list shows of an image. */
export interface ImageRow {
  readonly id: string;
  /** `<none>` where it has no name. */
  readonly repository: string;
  readonly tag: string;
  /** Of its manifest. */
  readonly digest: string;
  /** Milliseconds since 1970; 0 where it does not say. */
  readonly createdMs: number;
  /** Bytes of its files. */
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly zoneAt: ZoneAt;
}

/** How images are shown. */
export interface ImageOptions {
  /** Whether ids are cut. */
  readonly isCut: boolean;
  readonly hasDigests: boolean;
  readonly nowMs: number;
}

const SHORT_ID = 12;
const PREFIX = "sha256:";

interface ImageField {
  readonly name: string;
  readonly title: string;
  readonly value: (row: ImageRow, options: ImageOptions) => string;
}

/** Docker's names and order. */
const FIELDS: readonly ImageField[] = [
  { name: "Repository", title: "REPOSITORY", value: ({ repository }) => repository },
  { name: "Tag", title: "TAG", value: ({ tag }) => tag },
  { name: "Digest", title: "DIGEST", value: ({ digest }) => digest },
  { name: "ID", title: "IMAGE ID", value: renderId },
  {
    name: "CreatedSince",
    title: "CREATED",
    value: ({ createdMs }, { nowMs }) => createdMs === 0 ? "N/A" : `${renderDuration(nowMs - createdMs)} ago`,
  },
  {
    name: "CreatedAt",
    title: "CREATED AT",
    value: ({ createdMs, zoneAt }) => createdMs === 0 ? "N/A" : renderLocalTime(createdMs, zoneAt),
  },
  { name: "Size", title: "SIZE", value: ({ size }) => renderSize(size) },
];

function renderId({ id }: ImageRow, { isCut }: Pick<ImageOptions, "isCut">): string {
  return isCut ? id.slice(PREFIX.length, PREFIX.length + SHORT_ID) : id;
}

function usual({ hasDigests }: ImageOptions): readonly string[] {
  return ["Repository", "Tag", ...(hasDigests ? ["Digest"] : []), "ID", "CreatedSince", "Size"];
}

/** Renders the usual table. */
export function renderImages(rows: readonly ImageRow[], options: ImageOptions): string {
  const fields = usual(options).map((name) => FIELDS.find((field) => field.name === name)!);
  const cells = rows.map((row) => fields.map(({ value }) => visible(value(row, options))));
  return renderTable([fields.map(({ title }) => title), ...cells]);
}

/** Renders ids alone, one for each name, as docker does. */
export function renderImageIds(rows: readonly ImageRow[], options: ImageOptions): string {
  return rows.map((row) => `${renderId(row, options)}\n`).join("");
}

/** What `--format` can ask of an image. */
export function imageListing(options: ImageOptions): Listing<ImageRow> {
  const columns: readonly Field<ImageRow>[] = FIELDS.map(({ name, title, value }) => ({
    name,
    title,
    value: (row) => value(row, options),
  }));
  return { columns, table: usual(options).map((name) => `{{.${name}}}`).join("\\t") };
}
