/** Tests of --filter, by docker's rules. */

import { deepEqual, throws } from "node:assert/strict";
import { SAMPLE_ROWS } from "./_sample_rows.ts";
import { filterContainers, parseContainerFilter } from "./container_filter.ts";

/** Filters, and the names of what is left of x, web, db and calm_fox. */
const CASES: readonly (readonly [filters: readonly string[], names: string])[] = [
  [[], "x web db calm_fox"],
  [["name=web"], "web"],
  [["name=fox"], "calm_fox"],
  [["name=^fox"], ""],
  [["name=^/web$"], "web"],
  [["name=(?i)WEB"], "web"],
  [["name=web", "name=^d"], "web db"],
  [["id=bbb"], "web"],
  [["id=b", "id=c"], "web db"],
  [["label=tier"], "web db"],
  [["label=tier=back"], "db"],
  [["label=tier", "label=a"], "web"],
  [["label=tier="], ""],
  [["status=exited"], "calm_fox"],
  [["status=exited", "status=created"], "x calm_fox"],
  [["status=running"], "web"],
  [["status=paused"], "db"],
  [["status=dead"], ""],
  [["exited=3"], "calm_fox"],
  [["exited=0"], ""],
  [["ancestor=host"], "web db calm_fox"],
  [["ancestor=/r"], "x"],
  [["before=web"], "db calm_fox"],
  [["since=db"], "x web"],
  [["since=ccc", "before=x"], "web"],
  [["volume=/data"], "web"],
  [["volume=/b"], "web"],
  [["volume=/etc/hosts"], ""],
  [["network=host"], "calm_fox"],
  [["network=none"], "x web db"],
  [["status=exited", "name=web"], ""],
  [[" NAME = web "], "web"],
];

for (const [filters, names] of CASES) {
  Deno.test(`filterContainers() by ${filters.join(" and ") || "nothing"}`, () => {
    const rows = filterContainers(SAMPLE_ROWS, filters.map(parseContainerFilter));
    deepEqual(rows.map(({ name }) => name).join(" "), names);
  });
}

const BAD: readonly (readonly [filter: string, error: { code: string; message?: RegExp; hint?: string }])[] =
  [
    ["web", { code: "usage", message: /there is no = in it/ }],
    ["nmae=web", { code: "usage", hint: 'Did you mean "name"?' }],
    ["status=runing", { code: "usage", hint: 'Did you mean "running"?' }],
    ["exited=x", { code: "usage" }],
    ["name=(", { code: "usage", message: /no regular expression/ }],
    ["health=well", { code: "usage", message: /no state of health/ }],
    ["publish=80", { code: "unsupported" }],
  ];

for (const [filter, error] of BAD) {
  Deno.test(`parseContainerFilter() refuses ${filter}`, () => {
    throws(() => parseContainerFilter(filter), error);
  });
}

for (const [filter, code] of [["before=nobody", "not_found"], ["since=", "not_found"]] as const) {
  Deno.test(`filterContainers() does not find the container of ${filter}`, () => {
    throws(() => filterContainers(SAMPLE_ROWS, [parseContainerFilter(filter)]), { code });
  });
}
