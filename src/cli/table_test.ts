import { equal } from "node:assert/strict";
import { alignTabs } from "./table.ts";

/** The expected texts are what docker 28.2.2 prints for lines like these. */
const ROWS: readonly (readonly [why: string, text: string, expected: string])[] = [
  ["a column is ten wide at least", "a\tb\nc\td\n", "a         b\nc         d\n"],
  ["three blanks stand behind the longest cell", "1234567890\tb\nc\td\n", "1234567890   b\nc            d\n"],
  ["the last cell has no width", "a\tb\na very long last cell\n", "a         b\na very long last cell\n"],
  ["an empty last cell ends a column", "a\t\nb\t\n", "a         \nb         \n"],
  ["lines without a tab divide a column", "a\tx\n-\nlonger cell\ty\n", "a         x\n-\nlonger cell   y\n"],
  [
    "a column that few lines have",
    "a\tb\tc\nlonger cell\td\n",
    "a             b         c\nlonger cell   d\n",
  ],
  ["characters count, not bytes", "ééééééééééé\tb\n", "ééééééééééé   b\n"],
];

for (const [why, text, expected] of ROWS) {
  Deno.test(`alignTabs(): ${why}`, () => {
    equal(alignTabs(text), expected);
  });
}
