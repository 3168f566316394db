/** Tests of what lists show of containers, and of renderDuration() and renderSize(). */

import { deepEqual, equal } from "node:assert/strict";
import { SAMPLE_ROWS as ROWS, SAMPLES_MS as NOW } from "./_sample_rows.ts";
import { containerListing, type ContainerRow, renderContainers, renderIds } from "./container_table.ts";
import { renderDuration } from "./duration.ts";
import { renderSize } from "../spec/render_size.ts";
import { labelTitle, parseRowFormat } from "./template/rows.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATIONS = [
  [-5 * HOUR, "Less than a second"],
  [999, "Less than a second"],
  [SECOND, "1 second"],
  [59 * SECOND, "59 seconds"],
  [MINUTE, "About a minute"],
  [2 * MINUTE - 1, "About a minute"],
  [59 * MINUTE, "59 minutes"],
  [HOUR, "About an hour"],
  [1.5 * HOUR, "2 hours"],
  [47 * HOUR, "47 hours"],
  [2 * DAY, "2 days"],
  [13 * DAY, "13 days"],
  [14 * DAY, "2 weeks"],
  [59 * DAY, "8 weeks"],
  [60 * DAY, "2 months"],
  [729 * DAY, "24 months"],
  [730 * DAY, "2 years"],
] as const;

for (const [ms, want] of DURATIONS) {
  Deno.test(`renderDuration() renders ${ms} ms`, () => {
    equal(renderDuration(ms), want);
  });
}

const SIZES = [
  [0, "0B"],
  [999, "999B"],
  [1500, "1.5kB"],
  [77_812_345, "77.8MB"],
  [2e12, "2TB"],
] as const;

for (const [bytes, want] of SIZES) {
  Deno.test(`renderSize() renders ${bytes} bytes`, () => {
    equal(renderSize(bytes), want);
  });
}

const SHOWN = { isCut: true, isSized: false, nowMs: NOW };

Deno.test("renderContainers() renders docker's columns", () => {
  equal(
    renderContainers(ROWS, SHOWN),
    `CONTAINER ID   IMAGE     COMMAND                   CREATED              STATUS                     PORTS     NAMES
dddddddddddd   /r        "\\n"                      5 seconds ago        Created                              x
bbbbbbbbbbbb   host      "sh"                      About a minute ago   Up About a minute                    web
cccccccccccc   host      "sleep 1000"              2 hours ago          Up 5 minutes (Paused)                db
aaaaaaaaaaaa   host      "sh -c echo \\"a long …"   3 hours ago          Exited (3) 2 minutes ago             calm_fox
`,
  );
});

Deno.test("renderContainers() escapes what could move the cursor", () => {
  const text = renderContainers([{ ...ROWS[1]!, command: ["\x1b[2J\x9b1m"], image: "/a\nb" }], SHOWN);
  deepEqual([text.includes('"\\u001b[2J\\u{9b}1m"'), text.includes("/a\\u{a}b")], [true, true]);
});

Deno.test("renderContainers() cuts nothing with --no-trunc", () => {
  const text = renderContainers(ROWS.slice(3), { ...SHOWN, isCut: false });
  equal(text.includes("a".repeat(64)) && text.includes(`"sh -c echo \\"a long command\\""`), true);
});

Deno.test("renderContainers() has a column of sizes where they are wanted", () => {
  const [head, , web, , fox] = renderContainers(ROWS, { ...SHOWN, isSized: true }).split("\n");
  deepEqual([head, web, fox].map((line) => line?.split(/ {2,}/).at(-1)), [
    "SIZE",
    "1.5kB",
    "0B (virtual 7.4MB)",
  ]);
});

for (const [isCut, length] of [[true, 12], [false, 64]] as const) {
  Deno.test(`renderIds() renders ids of ${length} digits`, () => {
    equal(renderIds(ROWS.slice(3), { isCut }), `${"a".repeat(length)}\n`);
  });
}

function formatted(format: string, row: ContainerRow, options = SHOWN): string {
  return parseRowFormat(format, containerListing(options, labelTitle))([row]);
}

/** By each field of docker's. */
const FIELDS: readonly (readonly [template: string, web: string, fox: string])[] = [
  ["{{.ID}}", "bbbbbbbbbbbb", "aaaaaaaaaaaa"],
  ["{{.Image}}", "host", "host"],
  ["{{.Command}}", '"sh"', '"sh -c echo \\"a long …"'],
  ["{{.CreatedAt}}", "1972-09-26 20:28:50 -0330 NST", "1972-09-26 21:00:00 +0000 UTC"],
  ["{{.RunningFor}}", "About a minute ago", "3 hours ago"],
  ["{{.Ports}}", "", ""],
  ["{{.State}}", "running", "exited"],
  ["{{.Status}}", "Up About a minute", "Exited (3) 2 minutes ago"],
  ["{{.Size}}", "0B", "0B"],
  ["{{.Names}}", "web", "calm_fox"],
  ["{{.Labels}}", "a=1,tier=front", ""],
  ['{{.Label "tier"}}', "front", ""],
  ["{{.Mounts}}", "/a/rather/long…,/b", ""],
  ["{{.LocalVolumes}}", "0", "0"],
  ["{{.HealthStatus}}", "none", "none"],
  ["{{.Networks}}", "none", "host"],
];

for (const [template, web, fox] of FIELDS) {
  Deno.test(`list --format ${template}`, () => {
    deepEqual([formatted(template, ROWS[1]!), formatted(template, ROWS[3]!)], [`${web}\n`, `${fox}\n`]);
  });
}

Deno.test("list --format json has docker's fields, all of them texts", () => {
  const row = JSON.parse(formatted("json", ROWS[1]!));
  deepEqual(Object.keys(row), [
    "Command",
    "CreatedAt",
    "HealthStatus",
    "ID",
    "Image",
    "Labels",
    "LocalVolumes",
    "Mounts",
    "Names",
    "Networks",
    "Ports",
    "RunningFor",
    "Size",
    "State",
    "Status",
  ]);
  deepEqual(Object.values(row).filter((value) => typeof value !== "string"), []);
});

Deno.test("list --format table is the usual table", () => {
  equal(
    parseRowFormat("table", containerListing(SHOWN, labelTitle))(ROWS.slice(1)),
    renderContainers(ROWS.slice(1), SHOWN),
  );
});

Deno.test("a container that has gone in between has neither mounts nor networks", () => {
  equal(formatted("{{.Mounts}}{{.Networks}}", { ...ROWS[1]!, spec: () => undefined }), "\n");
});
