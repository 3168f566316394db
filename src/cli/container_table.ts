/** What lists show of containers, with docker's fields, columns and words. Pure. */

import type { ContainerStatus } from "../runtime/container_status.ts";
import type { HealthStatus } from "../spec/healthcheck.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import type { PortBinding } from "../runtime/container_state.ts";
import { networkOf, renderAddress, renderPort } from "../spec/network.ts";
import { userBinds } from "../spec/user_mounts.ts";
import { renderDuration } from "./duration.ts";
import { renderSize } from "../spec/render_size.ts";
import { renderTable } from "./table.ts";
import type { Field, Listing, Question } from "./template/rows.ts";
import { renderLocalTime, type ZoneAt } from "./time_text.ts";
import { visible } from "./visible.ts";

/** What a list shows of a container. */
export interface ContainerRow {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly status: ContainerStatus;
  readonly exitCode?: number;
  /** Of one that runs and has a health check. */
  readonly health?: HealthStatus;
  /** Where its ports are reached. */
  readonly ports?: readonly PortBinding[];
  /** Milliseconds since 1970, as the next two. */
  readonly createdMs: number;
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Read when it is asked for; undefined where it has gone in between. */
  readonly spec: () => Spec | undefined;
  /** Measured when it is asked for. */
  readonly size: () => RowSize;
  /** The zone of this place at a time. */
  readonly zoneAt: ZoneAt;
}

/** In bytes. */
export interface RowSize {
  /** What it has written over its root. */
  readonly ownBytes: number;
  /** All of its root; not of the image `host`, which is the machine's. */
  readonly rootBytes?: number;
  /** Directories that could not be looked into. */
  readonly hiddenCount: number;
}

/** How containers are shown. */
export interface TableOptions {
  /** Whether ids, commands and paths are cut. */
  readonly isCut: boolean;
  /** Whether sizes are wanted: they cost time. */
  readonly isSized: boolean;
  readonly nowMs: number;
}

const SHORT_ID = 12;
const COMMAND_WIDTH = 20;
const MOUNT_WIDTH = 15;

/** The columns of the usual table, by {@link FIELDS}. */
const USUAL = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"] as const;

/** Renders the usual table of containers. */
export function renderContainers(rows: readonly ContainerRow[], options: TableOptions): string {
  const names = [...USUAL, ...(options.isSized ? ["Size"] : [])];
  return renderTable(renderContainerCells(rows, names, options).map((cells) => cells.map(visible)));
}

/** Gives the titles of fields, by docker's names, and their values for each container. */
export function renderContainerCells(
  rows: readonly ContainerRow[],
  names: readonly string[],
  options: TableOptions,
): readonly (readonly string[])[] {
  const fields = names.map((name) => FIELDS.find((field) => field.name === name)!);
  return [
    fields.map(({ title }) => title),
    ...rows.map((row) => fields.map(({ value }) => value(row, options))),
  ];
}

/** Renders ids alone. */
export function renderIds(rows: readonly ContainerRow[], { isCut }: Pick<TableOptions, "isCut">): string {
  return rows.map(({ id }) => `${isCut ? id.slice(0, SHORT_ID) : id}\n`).join("");
}

/** What `--format` can ask of a container; `labelTitle` is that of template/rows.ts, which few command lines load. */
export function containerListing(
  options: TableOptions,
  labelTitle: (label: string) => string,
): Listing<ContainerRow> {
  const fields: Field<ContainerRow>[] = FIELDS.map(({ name, title, value }) => ({
    name,
    title,
    value: (row) => value(row, options),
  }));
  const label: Question<ContainerRow> = {
    name: "Label",
    title: labelTitle,
    answer: ({ labels }, asked) => Object.hasOwn(labels, asked) ? labels[asked] : "",
  };
  const names = [...USUAL, ...(options.isSized ? ["Size"] : [])];
  return { columns: [...fields, label], table: names.map((name) => `{{.${name}}}`).join("\\t") };
}

interface ContainerField {
  readonly name: string;
  readonly title: string;
  readonly value: (row: ContainerRow, options: TableOptions) => string;
}

/** Docker's names; all values are texts, as docker's are. */
const FIELDS: readonly ContainerField[] = [
  { name: "ID", title: "CONTAINER ID", value: ({ id }, { isCut }) => isCut ? id.slice(0, SHORT_ID) : id },
  { name: "Image", title: "IMAGE", value: ({ image }) => image },
  { name: "Command", title: "COMMAND", value: ({ command }, { isCut }) => renderCommand(command, isCut) },
  {
    name: "CreatedAt",
    title: "CREATED AT",
    value: ({ createdMs, zoneAt }) => renderLocalTime(createdMs, zoneAt),
  },
  {
    name: "RunningFor",
    title: "CREATED",
    value: ({ createdMs }, { nowMs }) => `${renderDuration(nowMs - createdMs)} ago`,
  },
  { name: "Ports", title: "PORTS", value: ({ ports = [] }) => renderPorts(ports) },
  { name: "State", title: "STATE", value: ({ status }) => status },
  { name: "Status", title: "STATUS", value: (row, { nowMs }) => renderStatus(row, nowMs) },
  { name: "HealthStatus", title: "HEALTH STATUS", value: ({ health }) => health ?? "none" },
  {
    name: "Size",
    title: "SIZE",
    value: ({ size }, { isSized }) => isSized ? renderSizes(size()) : renderSize(0),
  },
  { name: "Names", title: "NAMES", value: ({ name }) => name },
  {
    name: "Labels",
    title: "LABELS",
    value: ({ labels }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`).sort().join(","),
  },
  { name: "Mounts", title: "MOUNTS", value: ({ spec }, { isCut }) => renderMounts(spec(), isCut) },
  { name: "LocalVolumes", title: "LOCAL VOLUMES", value: ({ spec }) => `${countVolumes(spec())}` },
  { name: "Networks", title: "NETWORKS", value: ({ spec }) => renderNetworks(spec()) },
];

/** Renders the words as docker does: joined by blanks, cut, then quoted. */
function renderCommand(words: readonly string[], isCut: boolean): string {
  const text = words.join(" ");
  return JSON.stringify(isCut ? cut(text, COMMAND_WIDTH) : text);
}

/** As docker's Ellipsis: the last character that would fit is the mark. */
function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

/** As docker shows it behind the time. */
const HEALTH_TEXTS = {
  none: "",
  starting: " (health: starting)",
  healthy: " (healthy)",
  unhealthy: " (unhealthy)",
} as const satisfies Readonly<Record<HealthStatus | "none", string>>;

function renderStatus(
  { status, exitCode, startedMs, finishedMs, health }: ContainerRow,
  nowMs: number,
): string {
  const since = (timeMs: number | undefined) => timeMs === undefined ? "" : renderDuration(nowMs - timeMs);
  if (status === "created") return "Created";
  if (status === "running") return `Up ${since(startedMs)}${HEALTH_TEXTS[health ?? "none"]}`;
  if (status === "paused") return `Up ${since(startedMs)} (Paused)`;
  const word = status === "restarting" ? "Restarting" : "Exited";
  const ended = finishedMs === undefined ? "" : ` ${since(finishedMs)} ago`;
  return `${word} (${exitCode ?? "?"})${ended}`;
}

function renderSizes({ ownBytes, rootBytes }: RowSize): string {
  const virtual = rootBytes === undefined ? "" : ` (virtual ${renderSize(rootBytes)})`;
  return `${renderSize(ownBytes)}${virtual}`;
}

function renderMounts(spec: Spec | undefined, isCut: boolean): string {
  const sources = spec === undefined ? [] : userBinds(spec).map(({ source }) => source);
  return sources.map((source) => isCut ? cut(source, MOUNT_WIDTH) : source).join(",");
}

function countVolumes(spec: Spec | undefined): number {
  return (JSON.parse(spec?.annotations[ANNOTATION.volumes] ?? "[]") as readonly unknown[]).length;
}

/** As docker does. */
function renderPorts(ports: readonly PortBinding[]): string {
  return ports.map((port) => `${renderAddress(port.address, port.hostPort)}->${renderPort(port)}`).join(", ");
}

/** The network of another container is none of its own. */
function renderNetworks(spec: Spec | undefined): string {
  const network = spec === undefined ? "" : networkOf(spec);
  return network.startsWith("container:") ? "" : network;
}
