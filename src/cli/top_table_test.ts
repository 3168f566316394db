/** Tests of the tables of `top`. */

import { deepEqual, throws } from "node:assert/strict";
import { filterPs, renderProcesses } from "./top_table.ts";

const NOW_MS = new Date(2026, 2, 5, 12, 0, 0).getTime();
const PROCESS = {
  pid: 70,
  parent: 69,
  uid: 0,
  user: "root",
  terminal: 0,
  busyTicks: 0,
  startedTicks: 0,
  startedMs: NOW_MS - 3600_000,
  command: "sleep 9",
};

const ROWS = [
  { with: {}, cells: ["root", "70", "69", "0", "11:00", "?", "00:00:00", "sleep 9"] },
  {
    with: { terminal: 136 << 8 | 3 },
    cells: ["root", "70", "69", "0", "11:00", "pts/3", "00:00:00", "sleep 9"],
  },
  { with: { busyTicks: 180_000 }, cells: ["root", "70", "69", "50", "11:00", "?", "00:30:00", "sleep 9"] },
  {
    with: { busyTicks: 9_000_000 },
    cells: ["root", "70", "69", "99", "11:00", "?", "1-01:00:00", "sleep 9"],
  },
  {
    with: { startedMs: new Date(2026, 2, 4).getTime() },
    cells: ["root", "70", "69", "0", "Mar04", "?", "00:00:00", "sleep 9"],
  },
  {
    with: { startedMs: new Date(2025, 2, 4).getTime(), command: "a\x1bb" },
    cells: ["root", "70", "69", "0", "2025", "?", "00:00:00", "a\\u{1b}b"],
  },
] as const;

for (const row of ROWS) {
  Deno.test(`renderProcesses() shows ${JSON.stringify(row.with)}`, () => {
    const [, line = ""] = renderProcesses([{ ...PROCESS, ...row.with }], NOW_MS).split("\n");
    deepEqual(line.split(/ {2,}/), row.cells);
  });
}

Deno.test("filterPs() keeps the lines of the processes, and blanks in the last column", () => {
  const text = "  PID CMD\n    1 init\n   70 sh -c  x\n  700 other\n";
  deepEqual(filterPs(text, new Set([70])).split("\n").map((line) => line.split(/ {2,}/)), [
    ["PID", "CMD"],
    ["70", "sh -c x"],
    [""],
  ]);
});

Deno.test("filterPs() asks for a column PID", () => {
  throws(() => filterPs("USER\nroot\n", new Set([70])), { code: "usage" });
});
