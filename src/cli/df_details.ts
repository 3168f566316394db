/** What `myctr system df --verbose` shows: each image, container and volume, in docker's tables. Pure. */

import type { DiskDetails } from "../runtime/disk_use.ts";
import { renderSize } from "../spec/render_size.ts";
import { type ContainerRow, renderContainerCells } from "./container_table.ts";
import { renderDuration } from "./duration.ts";
import { renderTable } from "./table.ts";
import { visible } from "./visible.ts";

/** An image with its name as it is typed. */
export interface ImageDetail extends Omit<DiskDetails["images"][number], "name"> {
  readonly name: string;
  readonly tag: string;
}

/** What is shown. */
export interface Details extends Pick<DiskDetails, "volumes"> {
  readonly images: readonly ImageDetail[];
  readonly containers: readonly ContainerRow[];
}

const SHORT_ID = 12;
const PREFIX = "sha256:";

/** The columns of containers, by docker's names. */
const CONTAINER_FIELDS = ["ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names"];

/** Renders the three tables. */
export function renderDetails({ images, containers, volumes }: Details, nowMs: number): string {
  const imageRows = images.map(({ id, name, tag, createdMs, size, sharedSize, containers }) => [
    name,
    tag,
    id.slice(PREFIX.length, PREFIX.length + SHORT_ID),
    createdMs === 0 ? "N/A" : `${renderDuration(nowMs - createdMs)} ago`,
    renderSize(size),
    renderSize(sharedSize),
    renderSize(size - sharedSize),
    `${containers}`,
  ]);
  const imageTitles = [
    "REPOSITORY",
    "TAG",
    "IMAGE ID",
    "CREATED",
    "SIZE",
    "SHARED SIZE",
    "UNIQUE SIZE",
    "CONTAINERS",
  ];
  const options = { isCut: true, isSized: true, nowMs };
  const volumeRows = volumes.map(({ name, links, size }) => [name, `${links}`, renderSize(size)]);
  return [
    section("Images", [imageTitles, ...imageRows]),
    section("Containers", renderContainerCells(containers, CONTAINER_FIELDS, options)),
    section("Local Volumes", [["VOLUME NAME", "LINKS", "SIZE"], ...volumeRows]),
  ].join("\n");
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return `${title} space usage:\n\n${renderTable(rows.map((row) => row.map(visible)))}`;
}
