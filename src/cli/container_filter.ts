/** `--filter` of lists of containers, by docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import { findError } from "../runtime/find_error.ts";
import { HEALTH_STATUSES } from "../spec/healthcheck.ts";
import { didYouMean } from "../spec/nearest.ts";
import { networkOf } from "../spec/network.ts";
import { userBinds } from "../spec/user_mounts.ts";
import type { ContainerRow } from "./container_table.ts";

/** One `--filter KEY=VALUE`. */
export interface ContainerFilter {
  readonly key: FilterKey;
  readonly value: string;
}

/** Whether a container fits one value; `rows` are all containers, the newest first. */
type Fits = (row: ContainerRow, value: string, rows: readonly ContainerRow[]) => boolean;

const FITS = {
  ancestor: ({ image }, value) => image === value,
  before: (row, value, rows) => rows.indexOf(row) > indexOf(value, rows),
  exited: ({ status, exitCode }, value) => status === "exited" && exitCode === Number(value),
  health: ({ health = "none" }, value) => health === value,
  id: ({ id }, value) => id.startsWith(value),
  label: ({ labels }, value) => hasLabel(labels, value),
  // Docker's names begin with a slash: patterns that say so are known to scripts.
  name: ({ name }, value) => name === value || [name, `/${name}`].some((each) => toPattern(value).test(each)),
  network: ({ spec }, value) => maybe(spec(), networkOf) === value,
  since: (row, value, rows) => rows.indexOf(row) < indexOf(value, rows),
  status: ({ status }, value) => status === value,
  volume: ({ spec }, value) =>
    maybe(spec(), userBinds)?.some(({ source, destination }) => source === value || destination === value) ??
      false,
} as const satisfies Readonly<Record<string, Fits>>;

/** What can be filtered by. */
export type FilterKey = keyof typeof FITS;

/** In docker's list and not here, for want of what they are about. */
const LATER: Readonly<Record<string, string>> = {
  publish: "published ports are not there yet",
  expose: "published ports are not there yet",
  isolation: "it is for Windows",
  "is-task": "there are no services",
};

const KEYS = Object.keys(FITS) as FilterKey[];

/** Docker's; of the last two none comes to be here. */
const STATUSES = ["created", "running", "paused", "restarting", "exited", "removing", "dead"] as const;

const HEALTHS = [...HEALTH_STATUSES, "none"] as const;

/** What a shell can complete. */
export const FILTER_WORDS: readonly string[] = KEYS.flatMap((key) => {
  if (key === "status") return STATUSES.slice(0, 5).map((status) => `status=${status}`);
  return key === "health" ? HEALTHS.map((health) => `health=${health}`) : [`${key}=`];
});

/** Parses `KEY=VALUE`. @throws {CtrError} code "usage", or "unsupported" for what docker can filter by and myctr can not */
export function parseContainerFilter(text: string): ContainerFilter {
  const equals = text.indexOf("=");
  if (equals < 0) throw badFilter(text, "there is no = in it", "Write KEY=VALUE, such as name=web");
  const key = text.slice(0, equals).trim().toLowerCase();
  const value = text.slice(equals + 1).trim();
  if (!isKey(key)) {
    if (Object.hasOwn(LATER, key)) {
      throw new CtrError("unsupported", `Cannot filter by ${JSON.stringify(key)}: ${LATER[key]}`, {
        hint: `Choose from ${KEYS.join(" ")}`,
      });
    }
    const hint = didYouMean(key, KEYS, `Choose from ${KEYS.join(" ")}`);
    throw badFilter(text, `there is no key ${JSON.stringify(key)}`, hint);
  }
  checkValue(key, { text, value });
  return { key, value };
}

function checkValue(
  key: FilterKey,
  { text, value }: { readonly text: string; readonly value: string },
): void {
  if (key === "status" && !STATUSES.some((status) => status === value)) {
    const hint = didYouMean(value, STATUSES, `Choose from ${STATUSES.join(" ")}`);
    throw badFilter(text, `there is no status ${JSON.stringify(value)}`, hint);
  }
  if (key === "health" && !HEALTHS.some((health) => health === value)) {
    const hint = didYouMean(value, HEALTHS, `Choose from ${HEALTHS.join(" ")}`);
    throw badFilter(text, `${JSON.stringify(value)} is no state of health`, hint);
  }
  if (key === "exited" && !/^-?\d+$/.test(value)) {
    throw badFilter(text, "it is no exit code", "Write a number, as in exited=0");
  }
  if (key === "name") toPattern(value);
}

function badFilter(text: string, problem: string, hint: string): CtrError {
  return new CtrError("usage", `Cannot use filter ${JSON.stringify(text)}: ${problem}`, { hint });
}

function isKey(key: string): key is FilterKey {
  return Object.hasOwn(FITS, key);
}

/** Whether the filters speak of containers that do not run: then all are looked at. */
export function asksForStopped(filters: readonly ContainerFilter[]): boolean {
  return filters.some(({ key }) => key === "status" || key === "exited");
}

/**
 * Keeps the containers that fit: one of the values of each key, all of them of `label`.
 *
 * @throws {CtrError} code "not_found" or "conflict" for the container of `before` and `since`
 */
export function filterContainers(
  rows: readonly ContainerRow[],
  filters: readonly ContainerFilter[],
): readonly ContainerRow[] {
  const groups = Object.groupBy(filters, ({ key }) => key);
  return Object.values(groups).reduce((kept: readonly ContainerRow[], group) => {
    const fits = (row: ContainerRow) => ({ key, value }: ContainerFilter) => FITS[key](row, value, rows);
    const isAll = group[0]?.key === "label";
    return kept.filter((row) => isAll ? group.every(fits(row)) : group.some(fits(row)));
  }, rows);
}

function hasLabel(labels: Readonly<Record<string, string>>, text: string): boolean {
  const [key = "", value] = text.split(/=(.*)/s);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/** Go's patterns are almost JavaScript's; what differs in one for names is how case is ignored. */
function toPattern(text: string): RegExp {
  const ignoresCase = text.startsWith("(?i)");
  try {
    return new RegExp(ignoresCase ? text.slice("(?i)".length) : text, ignoresCase ? "i" : "");
  } catch {
    throw badFilter(`name=${text}`, "it is no regular expression", "Put a backslash before ( [ * + ?");
  }
}

/** By full id, name, or the beginning of an id, as everywhere. */
function indexOf(reference: string, rows: readonly ContainerRow[]): number {
  const exact = rows.findIndex(({ id, name }) => id === reference || name === reference);
  if (exact >= 0) return exact;
  const matching = reference === "" ? [] : rows.filter(({ id }) => id.startsWith(reference));
  if (matching.length === 1) return rows.indexOf(matching[0]!);
  throw findError(reference, matching.length);
}

function maybe<From, To>(value: From | undefined, act: (value: From) => To): To | undefined {
  return value === undefined ? undefined : act(value);
}
