import { deepEqual, equal, throws } from "node:assert/strict";
import { matchesEvent, parseEventFilter } from "./event_filter.ts";

const EVENT = {
  action: "die",
  id: "0123456789abcdef",
  attributes: { name: "web", image: "localhost:5000/site:2", tier: "front", empty: "" },
};

const ROWS = [
  { filters: [], isShown: true },
  { filters: ["container=web"], isShown: true },
  { filters: ["container=we"], isShown: true },
  { filters: ["container=0123"], isShown: true },
  { filters: ["container=eb"], isShown: false },
  { filters: ["event=die"], isShown: true },
  { filters: ["event=di"], isShown: false },
  { filters: ["event=start", "event=die"], isShown: true },
  { filters: ["EVENT=die"], isShown: true },
  { filters: ["image=localhost:5000/site:2"], isShown: true },
  { filters: ["image=localhost:5000/site"], isShown: true },
  { filters: ["image=localhost"], isShown: false },
  { filters: ["label=tier"], isShown: true },
  { filters: ["label=tier=front"], isShown: true },
  { filters: ["label=tier=back"], isShown: false },
  { filters: ["label=empty="], isShown: true },
  { filters: ["label=toString"], isShown: false },
  { filters: ["label=tier", "label=none"], isShown: false },
  { filters: ["type=container", "scope=local"], isShown: true },
  { filters: ["type=network"], isShown: false },
  { filters: ["container=web", "event=start"], isShown: false },
] as const;

for (const { filters, isShown } of ROWS) {
  Deno.test(`matchesEvent() ${isShown ? "shows" : "hides"} an event with ${filters.join(", ") || "no filter"}`, () => {
    equal(matchesEvent(EVENT, filters.map(parseEventFilter)), isShown);
  });
}

Deno.test("matchesEvent() takes what an exec runs for a part of its event", () => {
  const event = { ...EVENT, action: "exec_create: sh -c ls" };
  deepEqual(["exec_create", "exec"].map((value) => matchesEvent(event, [{ key: "event", value }])), [
    true,
    false,
  ]);
});

for (const text of ["", "container", "network=x", "colour=red"]) {
  Deno.test(`parseEventFilter() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseEventFilter(text), { code: "usage" });
  });
}
