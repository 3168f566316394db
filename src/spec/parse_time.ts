/**
 * Parses instants as `--since` and `--until` take them: RFC 3339 and its short forms, seconds since 1970, or how long
 * ago. Pure, but for the time zone. Source: docker, api/types/time; Go, time.ParseDuration.
 */

import { CtrError } from "../errors.ts";

/** An instant, exactly: as `struct timespec` has it. */
export interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Tells which comes first: negative for `a`, 0 for the same instant. */
export function compareInstants(a: Instant, b: Instant): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}

/** Whole milliseconds from one instant to another, rounded up. */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Math.ceil((to.seconds - from.seconds) * 1000 + (to.nanoseconds - from.nanoseconds) / 1e6);
}

const HINT = "Write for example 10m, 1h30m, 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970";

/**
 * Parses an instant; durations count back from `nowMs`. Without a zone it is local time.
 *
 * @throws {CtrError} code "usage"
 */
export function parseInstant(text: string, nowMs: number): Instant {
  const found = maybeUnixSeconds(text) ?? maybeAgo(text, nowMs) ?? maybeDate(text);
  if (found !== undefined) return found;
  const what = `Cannot use time ${JSON.stringify(text)}`;
  throw new CtrError("usage", `${what}: it is neither an instant nor a duration`, { hint: HINT });
}

function maybeUnixSeconds(text: string): Instant | undefined {
  const [, seconds, fraction = ""] = /^(\d{1,12})(?:\.(\d{1,9})\d*)?$/.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  return { seconds: Number(seconds), nanoseconds: nanosecondsOf(fraction) };
}

function nanosecondsOf(fraction: string): number {
  return Number(fraction.padEnd(9, "0"));
}

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  "μs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

function maybeAgo(text: string, nowMs: number): Instant | undefined {
  const agoNs = maybeDurationNs(text);
  return agoNs === undefined ? undefined : instantOfMs(nowMs - agoNs / 1e6);
}

/** Reads a duration as Go writes it, such as `1h30m`, in nanoseconds; undefined where it is none. */
export function maybeDurationNs(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign = "", rest] = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const parts = [...rest.matchAll(PART)];
  const ns = parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * UNIT_NS[unit]!, 0);
  return sign === "-" ? -ns : ns;
}

/** The instant of a number of milliseconds since 1970. */
export function instantOfMs(milliseconds: number): Instant {
  const seconds = Math.floor(milliseconds / 1000);
  const nanoseconds = Math.round((milliseconds - seconds * 1000) * 1e6);
  return nanoseconds < 1e9 ? { seconds, nanoseconds } : { seconds: seconds + 1, nanoseconds: 0 };
}

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?([Zz]|[+-]\d\d:\d\d)?$/;

function maybeDate(text: string): Instant | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] = match;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const asUtc = Date.parse(`${written}Z`);
  // What does not come out as it went in is no date: the 30th of February.
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(written)) return undefined;
  const milliseconds = Date.parse(zone === undefined ? written : `${written}${zone.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return { seconds: milliseconds / 1000, nanoseconds: nanosecondsOf(fraction) };
}
