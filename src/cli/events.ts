/** `myctr events`: tells what happens to containers. */

import type { EventsOptions, ToldEvent } from "../runtime/read_events.ts";
import { matchesEvent, parseEventFilter } from "../spec/event_filter.ts";
import { parseInstant } from "../spec/parse_time.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { eventData, renderEventLine } from "./event_views.ts";
import { noFormat } from "./no_format.ts";

/** Shows events until it is time, or for ever. */
export type ShowEvents = (options: EventsOptions) => Promise<void>;

const EVENTS = {
  path: "myctr events",
  description: "Tell what happens to containers, as it happens",
  options: [
    {
      name: "filter",
      long: "--filter",
      short: "-f",
      placeholder: "key=value",
      isRepeated: true,
      description: "those alone of a container, event, image, label or type",
      parse: parseEventFilter,
    },
    {
      name: "format",
      long: "--format",
      placeholder: "format",
      kind: ["json"],
      description: "json, a line for each, or a template as docker has them",
    },
    HELP_OPTION,
    {
      name: "since",
      long: "--since",
      placeholder: "time",
      description: "first what happened since: 10m, 2026-01-31T12:00:00Z",
      parse: parseTime,
    },
    {
      name: "until",
      long: "--until",
      placeholder: "time",
      description: "end then; without it there is no end",
      parse: parseTime,
    },
  ],
  operands: [],
  examples: [
    "myctr events",
    "myctr events --since 1h --until 0s -f event=die --format {{.Actor.Attributes.exitCode}}",
  ],
} as const satisfies Declaration;

/** Makes the command; `show` is another one in tests. */
export function eventsCommand(show: ShowEvents = showEvents): Runnable {
  return runnable(EVENTS, async ({ options: { filter, format, since, until } }) => {
    const render = await parseEventFormat(format);
    await show({ since, until, render: (event) => matchesEvent(event, filter) ? render(event) : undefined });
    return 0;
  });
}

function parseTime(text: string): ReturnType<typeof parseInstant> {
  return parseInstant(text, Date.now());
}

/** A mistake in a template is told before anything happens: docker too tries it on an event without anything. */
const NO_EVENT: ToldEvent = { seconds: 0, nanoseconds: 0, action: "", id: "", attributes: {} };

async function parseEventFormat(format: string | undefined): Promise<(event: ToldEvent) => string> {
  if (format === undefined || format === "") return renderEventLine;
  const text = format === "json" ? "{{json .}}" : format;
  if (!text.includes("{{")) throw noFormat(format, ["json"]);
  const { parseTemplate } = await import("./template/template.ts");
  const template = parseTemplate(text);
  template.render(eventData(NO_EVENT));
  return (event) => `${template.render(eventData(event))}\n`;
}

async function showEvents(options: EventsOptions): Promise<void> {
  (await import("../runtime/read_events.ts")).showEvents(options);
}
