/** Tests of parsePruneFilter(). */

import { equal, throws } from "node:assert/strict";
import { parsePruneFilter } from "./prune_filter.ts";

const NOW_MS = Date.UTC(2026, 0, 2);
const SUBJECT = { createdMs: NOW_MS - 3600_000, labels: { k: "v", empty: "" } };

const ROWS = [
  { text: "until=30m", fits: true },
  { text: "until=2h", fits: false },
  { text: "until=2026-01-01T23:30:00Z", fits: true },
  { text: "label=k", fits: true },
  { text: "label=k=v", fits: true },
  { text: "label=k=w", fits: false },
  { text: "label=constructor", fits: false },
  { text: "label!=k=w", fits: true },
  { text: "label!=empty", fits: false },
] as const;

for (const { text, fits } of ROWS) {
  Deno.test(`parsePruneFilter(): ${text} ${fits ? "fits" : "does not fit"}`, () => {
    equal(parsePruneFilter(text, NOW_MS).fits(SUBJECT), fits);
  });
}

for (const text of ["", "until", "until=", "until=soon", "until!=1h", "name=web", "label"]) {
  Deno.test(`parsePruneFilter() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parsePruneFilter(text, NOW_MS), { code: "usage" });
  });
}
