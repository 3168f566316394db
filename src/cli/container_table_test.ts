/** Tests of renderContainers() and renderDuration(). */

import { equal } from "node:assert/strict";
import { type ContainerRow, renderContainers } from "./container_table.ts";
import { renderDuration } from "./duration.ts";

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

const NOW = 1_000 * DAY;
const ROWS: readonly ContainerRow[] = [
  {
    id: "a".repeat(64),
    name: "calm_fox",
    image: "host",
    command: ["sh", "-c", 'echo "a long command"'],
    status: "exited",
    exitCode: 3,
    createdMs: NOW - 3 * HOUR,
    startedMs: NOW - 3 * HOUR,
    finishedMs: NOW - 2 * MINUTE,
  },
  {
    id: "b".repeat(64),
    name: "web",
    image: "host",
    command: ["sh"],
    status: "running",
    createdMs: NOW - 70 * SECOND,
    startedMs: NOW - 69 * SECOND,
  },
  {
    id: "c".repeat(64),
    name: "x",
    image: "/r",
    command: ["\n"],
    status: "created",
    createdMs: NOW - 5 * SECOND,
  },
];
const SHOWN = { isQuiet: false, isCut: true, nowMs: NOW };

Deno.test("renderContainers() renders docker's columns, the newest first", () => {
  equal(
    renderContainers(ROWS, SHOWN),
    `CONTAINER ID   IMAGE     COMMAND                   CREATED              STATUS                     PORTS     NAMES
cccccccccccc   /r        "\\n"                      5 seconds ago        Created                              x
bbbbbbbbbbbb   host      "sh"                      About a minute ago   Up About a minute                    web
aaaaaaaaaaaa   host      "sh -c echo \\"a long …"   3 hours ago          Exited (3) 2 minutes ago             calm_fox
`,
  );
});

Deno.test("renderContainers() escapes what could move the cursor", () => {
  const text = renderContainers([{ ...ROWS[1]!, command: ["\x1b[2J\x9b1m"] }], SHOWN);
  equal(text.includes('"\\u001b[2J\\u{9b}1m"'), true);
});

Deno.test("renderContainers() cuts nothing with --no-trunc", () => {
  const text = renderContainers(ROWS.slice(0, 1), { ...SHOWN, isCut: false });
  equal(text.includes("a".repeat(64)) && text.includes(`"sh -c echo \\"a long command\\""`), true);
});

for (const [isCut, length] of [[true, 12], [false, 64]] as const) {
  Deno.test(`renderContainers() renders ids of ${length} digits with --quiet`, () => {
    equal(
      renderContainers(ROWS.slice(0, 1), { ...SHOWN, isQuiet: true, isCut }),
      `${"a".repeat(length)}\n`,
    );
  });
}
