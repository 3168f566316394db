/** What lists print by `--format`. The tables are what docker 28.2.2 prints for the same columns. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { labelTitle, type Listing, parseRowFormat } from "./rows.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly mounts: readonly string[];
}

const ROWS: readonly Row[] = [
  { id: "0123456789ab", name: "web", mounts: ["/a", "/b"] },
  { id: "ba9876543210", name: "a-long-name", mounts: [] },
];

const LISTING: Listing<Row> = {
  columns: [
    { name: "Names", title: "NAMES", value: ({ name }) => name },
    { name: "ID", title: "CONTAINER ID", value: ({ id }) => id },
    { name: "Mounts", title: "MOUNTS", value: ({ mounts }) => mounts },
    { name: "Label", title: labelTitle, answer: ({ name }, asked) => `${asked} of ${name}` },
  ],
  table: "{{.ID}}\t{{.Names}}",
};

function rendered(format: string, rows: readonly Row[] = ROWS): readonly string[] {
  const text = parseRowFormat(format, LISTING)(rows);
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

const CASES: readonly (readonly [format: string, lines: readonly string[]])[] = [
  ["json", [
    `{"ID":"0123456789ab","Mounts":["/a","/b"],"Names":"web"}`,
    `{"ID":"ba9876543210","Mounts":[],"Names":"a-long-name"}`,
  ]],
  ["{{json .}}", [
    `{"ID":"0123456789ab","Mounts":["/a","/b"],"Names":"web"}`,
    `{"ID":"ba9876543210","Mounts":[],"Names":"a-long-name"}`,
  ]],
  ["{{.ID}}", ["0123456789ab", "ba9876543210"]],
  [String.raw`{{.ID}}\t{{.Names}}`, ["0123456789ab\tweb", "ba9876543210\ta-long-name"]],
  [String.raw`{{.ID}}\n{{.Names}}`, ["0123456789ab", "web", "ba9876543210", "a-long-name"]],
  ["{{.ID}}{{`" + String.raw`\t` + "`}}x", ["0123456789ab\tx", "ba9876543210\tx"]],
  [String.raw`{{join .Mounts "\t"}}`, ["/a\t/b", ""]],
  ["  {{.Names}} x  ", ["web x", "a-long-name x"]],
  [`{{.Label "k"}}`, ["k of web", "k of a-long-name"]],
  [`{{if eq .Names "web"}}{{.ID}}{{end}}`, ["0123456789ab", ""]],
  ["table", [
    "CONTAINER ID   NAMES",
    "0123456789ab   web",
    "ba9876543210   a-long-name",
  ]],
  [String.raw`table {{.Names}}\t{{.ID}}`, [
    "NAMES         CONTAINER ID",
    "web           0123456789ab",
    "a-long-name   ba9876543210",
  ]],
  ["table{{.Names}}", ["NAMES", "web", "a-long-name"]],
  ["table {{.Names}}|{{.ID}}", ["NAMES|CONTAINER ID", "web|0123456789ab", "a-long-name|ba9876543210"]],
  [
    String
      .raw`table {{upper .Names}}\t{{title .Names}}\t{{truncate .Names 2}}\t{{json .Names}}\t{{join .Mounts ","}}`,
    [
      "NAMES         NAMES         NAMES     NAMES           MOUNTS",
      `WEB           Web           we        "web"           /a,/b`,
      `A-LONG-NAME   A-Long-Name   a-        "a-long-name"   `,
    ],
  ],
  [String.raw`table {{pad .Names 1 1}}\tx`, [" NAMES          x", " web            x", " a-long-name    x"]],
  [String.raw`table {{.Label "com.example.some-key_x"}}\t.`, [
    "some key x                              .",
    "com.example.some-key_x of web           .",
    "com.example.some-key_x of a-long-name   .",
  ]],
  ["table {{.Names}} {{range .Mounts}}{{.}}{{end}}", ["NAMES ", "web /a/b", "a-long-name "]],
];

for (const [format, lines] of CASES) {
  Deno.test(`rows by ${JSON.stringify(format)}`, () => {
    deepEqual(rendered(format), lines);
  });
}

Deno.test("rows: without a row a table is its header, and the rest nothing", () => {
  deepEqual(rendered("table", []), ["CONTAINER ID   NAMES"]);
  deepEqual(rendered("json", []), []);
  deepEqual(rendered("{{.ID}}", []), []);
});

Deno.test("rows: a value is read only where it is asked for", () => {
  const broken: Listing<Row> = {
    columns: [...LISTING.columns, {
      name: "Size",
      title: "SIZE",
      value: () => {
        throw new Error("read");
      },
    }],
    table: LISTING.table,
  };
  equal(parseRowFormat("{{.ID}}", broken)(ROWS.slice(1)), "ba9876543210\n");
});

const BAD: readonly (readonly [format: string, message: RegExp, hint: string])[] = [
  [
    "jsno",
    /^Cannot use format "jsno": it is neither json nor table, nor a template$/,
    'Did you mean "json"?',
  ],
  ["table ID", /^Cannot use format "table ID"/, "Write a field of the template in braces, such as {{.Name}}"],
  ["{{.Nmes}}", /^Cannot read \.Nmes at column 3 of the format/, 'Did you mean "Names"?'],
  ["{{.ID", /^Cannot read the action at column 1 of the format/, "Write }} at its end"],
];

for (const [format, message, hint] of BAD) {
  Deno.test(`rows refuse ${JSON.stringify(format)}`, () => {
    throws(() => rendered(format), { code: "usage", message, hint });
  });
}
