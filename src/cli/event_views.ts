/** How an event is shown: docker's line, and docker's object for templates and JSON. Pure, but for the time zone. */

import type { ToldEvent } from "../runtime/read_events.ts";
import { compareTexts, GoMap, type Struct } from "./template/values.ts";
import { visible } from "./visible.ts";

/** Renders `2026-01-31T12:00:00.000000000Z container die ID (exitCode=0, image=host, name=web)`, in local time. */
export function renderEventLine(event: ToldEvent): string {
  const { action, id, attributes } = event;
  const pairs = sorted(attributes).map(([key, value]) => `${key}=${value}`);
  const told = pairs.length === 0 ? "" : ` (${pairs.join(", ")})`;
  return `${renderLocalTime(event)} container ${visible(`${action} ${id}${told}`)}\n`;
}

function sorted(attributes: ToldEvent["attributes"]): readonly (readonly [string, string])[] {
  return Object.entries(attributes).sort(([a], [b]) => compareTexts(a, b));
}

/** Go's 2006-01-02T15:04:05.000000000Z07:00. */
function renderLocalTime({ seconds, nanoseconds }: ToldEvent): string {
  const offset = -new Date(seconds * 1000).getTimezoneOffset();
  const local = new Date((seconds + offset * 60) * 1000).toISOString().slice(0, "2026-01-31T12:00:00".length);
  return `${local}.${String(nanoseconds).padStart(9, "0")}${renderZone(offset)}`;
}

function renderZone(offset: number): string {
  if (offset === 0) return "Z";
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The event as docker's API has it, and by the names that docker's templates have for the fields. */
export function eventData({ seconds, nanoseconds, action, id, attributes }: ToldEvent): Struct {
  const timeNano = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
  const from = attributes.image;
  return {
    status: action,
    id,
    from,
    Type: "container",
    Action: action,
    Actor: { ID: id, Attributes: new GoMap("", Object.entries(attributes)) },
    scope: "local",
    time: seconds,
    timeNano,
    Status: () => action,
    ID: () => id,
    From: () => from ?? "",
    Scope: () => "local",
    Time: () => seconds,
    TimeNano: () => timeNano,
  };
}
