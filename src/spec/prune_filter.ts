/** `--filter` of what removes many at once, by docker's rules. Pure, but for the time zone. */

import { CtrError } from "../errors.ts";
import { compareInstants, type Instant, instantOfMs, parseInstant } from "./parse_time.ts";

/** What may be removed. */
export interface PruneSubject {
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** One filter: as typed, and whether something fits it. */
export interface PruneFilter {
  readonly text: string;
  readonly fits: (subject: PruneSubject) => boolean;
}

/**
 * Parses `until=TIME`, `label=KEY[=VALUE]` and `label!=KEY[=VALUE]`. Something must fit all filters.
 *
 * @throws {CtrError} code "usage"
 */
export function parsePruneFilter(text: string, nowMs: number): PruneFilter {
  const [, key, not, value = ""] = /^(until|label)(!?)=(.+)$/s.exec(text) ?? [];
  if (key === "label") {
    return { text, fits: ({ labels }) => hasLabel(labels, value) === (not === "") };
  }
  if (key === "until" && not === "") {
    const until = parseInstant(value, nowMs);
    return { text, fits: ({ createdMs }) => isBefore(createdMs, until) };
  }
  throw new CtrError("usage", `Cannot use filter ${JSON.stringify(text)}: there is no such filter`, {
    hint: "Write until=24h, label=KEY, label=KEY=VALUE or label!=KEY",
  });
}

function isBefore(milliseconds: number, instant: Instant): boolean {
  return compareInstants(instantOfMs(milliseconds), instant) < 0;
}

function hasLabel(labels: Readonly<Record<string, string>>, text: string): boolean {
  const [key = "", value] = text.split(/=(.*)/s);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}
