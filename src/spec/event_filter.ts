/** `myctr events --filter`: which events are shown. Pure. Source: docker, daemon/events/filter.go. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";

/** What filters look at. */
export interface FilteredEvent {
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One `KEY=VALUE`. */
export interface EventFilter {
  readonly key: keyof typeof MATCHERS;
  readonly value: string;
}

type Matcher = (event: FilteredEvent, value: string) => boolean;

/** Containers go by the beginning of id or name, as with docker. */
const MATCHERS = {
  container: ({ id, attributes }, value) =>
    id.startsWith(value) || (attributes.name?.startsWith(value) ?? false),
  event: ({ action }, value) => action === value || action.startsWith(`${value}: `),
  image: ({ attributes: { image = "" } }, value) => image === value || withoutTag(image) === value,
  label: ({ attributes }, value) => {
    const [key = "", wanted] = value.split(/=(.*)/s);
    return Object.hasOwn(attributes, key) && (wanted === undefined || attributes[key] === wanted);
  },
  scope: (_, value) => value === "local",
  type: (_, value) => value === "container",
} as const satisfies Readonly<Record<string, Matcher>>;

/** The keys of filters. */
export const EVENT_FILTERS = Object.keys(MATCHERS) as readonly EventFilter["key"][];

/** A colon before the last slash is that of a host's port. */
function withoutTag(image: string): string {
  return image.replace(/:[^/:]*$/, "");
}

/** Parses `--filter`. @throws {CtrError} code "usage" */
export function parseEventFilter(text: string): EventFilter {
  const [key = "", value] = text.split(/=(.*)/s);
  const known = EVENT_FILTERS.find((each) => each === key.trim().toLowerCase());
  if (known === undefined) {
    throw new CtrError("usage", `Cannot filter events by ${JSON.stringify(key)}: there is no such filter`, {
      hint: didYouMean(key, EVENT_FILTERS, `Write one of ${EVENT_FILTERS.join(", ")}`),
    });
  }
  if (value !== undefined) return { key: known, value: value.trim() };
  throw new CtrError("usage", `Cannot filter events by ${JSON.stringify(text)}: it has no value`, {
    hint: `Write --filter ${known}=VALUE`,
  });
}

/** Whether an event is shown: of filters with one key any will do, labels excepted, of different keys each counts. */
export function matchesEvent(event: FilteredEvent, filters: readonly EventFilter[]): boolean {
  return EVENT_FILTERS.every((key) => {
    const values = filters.filter((filter) => filter.key === key).map(({ value }) => value);
    const matches = (value: string) => MATCHERS[key](event, value);
    return values.length === 0 || (key === "label" ? values.every(matches) : values.some(matches));
  });
}
