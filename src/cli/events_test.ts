import { deepEqual, equal, match } from "node:assert/strict";
import type { EventsOptions, ToldEvent } from "../runtime/read_events.ts";
import { eventsCommand } from "./events.ts";

const EVENT: ToldEvent = {
  seconds: 1_700_000_000,
  nanoseconds: 5,
  action: "die",
  id: "0123",
  attributes: { name: "web", image: "host", exitCode: "3", evil: "a\x1b[2J\n" },
};

const TIME = "2023-11-1[345]T\\d\\d:\\d\\d:20\\.000000005(Z|[+-]\\d\\d:\\d\\d)";

/** Runs the command on one event; gives what it would print. */
async function show(...argv: string[]): Promise<{ options: EventsOptions; text: string | undefined }> {
  let options: EventsOptions | undefined;
  const command = eventsCommand((asked) => {
    options = asked;
    return Promise.resolve();
  });
  equal(await command.run(argv, { isDebug: false, print: () => {}, warn: () => {} }), 0);
  return { options: options!, text: options!.render(EVENT) };
}

Deno.test("events: a line as docker has it, attributes by name, nothing that moves the cursor", async () => {
  const { text = "" } = await show();
  match(
    text,
    new RegExp(`^${TIME} container die 0123 \\(evil=a.*\\[2J.*, exitCode=3, image=host, name=web\\)\n$`),
  );
  equal(text.includes("\x1b"), false);
});

const FORMATS = [
  {
    format: "{{.Type}} {{.Action}} {{.Status}} {{.From}} {{.Scope}}",
    text: "container die die host local\n",
  },
  {
    format: "{{.ID}} {{.Actor.ID}} {{.Time}} {{.TimeNano}}",
    text: "0123 0123 1700000000 1700000000000000005\n",
  },
  { format: "{{.Actor.Attributes.exitCode}}{{.Actor.Attributes.none}}", text: "3<no value>\n" },
  { format: '{{index .Actor.Attributes "name"}}', text: "web\n" },
] as const;

for (const { format, text } of FORMATS) {
  Deno.test(`events: --format ${format}`, async () => equal((await show("--format", format)).text, text));
}

Deno.test("events: --format json has docker's fields in docker's order", async () => {
  const { text = "" } = await show("--format", "json");
  deepEqual(Object.keys(JSON.parse(text)), [
    ...["status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano"],
  ]);
  match(text, /"time":1700000000,"timeNano":1700000000000000005}\n$/);
});

Deno.test("events: filters and times are handed on", async () => {
  const { options, text } = await show("-f", "event=start", "--since", "5", "--until", "6.5");
  equal(text, undefined);
  deepEqual(options.since, { seconds: 5, nanoseconds: 0 });
  deepEqual(options.until, { seconds: 6, nanoseconds: 500_000_000 });
});
