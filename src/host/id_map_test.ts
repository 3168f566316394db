/** Tests of findRange(): what /etc/subuid grants, and what is no grant. */

import { deepEqual, equal } from "node:assert/strict";
import { askedIdMap, findHelper, findRange, readIdMap, ROOT_RANGE } from "./id_map.ts";

const NAMES = ["1000", "me"];
const MINE = { start: 100_000, count: 65_536 };

const ROWS = [
  { why: "by name", table: "me:100000:65536\n", range: MINE },
  { why: "by number", table: "1000:100000:65536\n", range: MINE },
  { why: "without a last line break", table: "me:100000:65536", range: MINE },
  { why: "behind others", table: "you:1:2\n1001:3:4\nme:100000:65536\n", range: MINE },
  { why: "the first of two", table: "me:100000:65536\nme:300000:65536\n", range: MINE },
  { why: "behind an empty range", table: "me:1:0\nme:100000:65536\n", range: MINE },
  { why: "behind lines that are broken", table: "me\nme:\nme::\nme:x:y\nme:100000:65536\n", range: MINE },
  { why: "behind a negative start", table: "me:-1:65536\nme:100000:65536\n", range: MINE },
  { why: "behind a comment", table: "# me:1:2\n\nme:100000:65536\n", range: MINE },
  { why: "none in an empty table", table: "", range: undefined },
  { why: "none of others", table: "you:100000:65536\n", range: undefined },
  { why: "none of a longer name", table: "me2:100000:65536\n10000:1:2\n", range: undefined },
  { why: "none with spaces", table: "me :100000:65536\nme: 100000:65536\n", range: undefined },
  { why: "none with a hexadecimal number", table: "me:0x10:65536\n", range: undefined },
  { why: "none without a count", table: "me:100000\n", range: undefined },
];

for (const { why, table, range } of ROWS) {
  Deno.test(`findRange(): ${why}`, () => {
    deepEqual(findRange(table, NAMES), range);
  });
}

Deno.test("readIdMap() gives root a range of its own, whatever the machine's tables grant", () => {
  const map = readIdMap(0, 0);
  equal(map.kind, "range");
});

Deno.test("readIdMap() gives a user who has no range the user's own ids", () => {
  deepEqual(readIdMap(3_000_000_000, 3_000_000_001), {
    kind: "single",
    uid: 3_000_000_000,
    gid: 3_000_000_001,
    uids: [{ containerID: 0, hostID: 3_000_000_000, size: 1 }],
    gids: [{ containerID: 0, hostID: 3_000_000_001, size: 1 }],
  });
});

const line = (containerID: number, hostID: number) => ({ containerID, hostID, size: 1 });
const ASKED = [
  { own: { uid: 0, gid: 0 }, uids: [line(0, 0)], gids: [line(0, 0)], kind: "range" },
  { own: { uid: 7, gid: 8 }, uids: [line(0, 7)], gids: [line(0, 8)], kind: "single" },
  { own: { uid: 7, gid: 8 }, uids: [line(0, 7)], gids: [line(0, 9)], kind: "caller" },
  { own: { uid: 7, gid: 8 }, uids: [line(0, 7), line(1, 9)], gids: [line(0, 8)], kind: "caller" },
] as const;

for (const { own, kind, ...lines } of ASKED) {
  Deno.test(`askedIdMap() of ${JSON.stringify({ own, ...lines })} is of kind ${kind}`, () => {
    deepEqual(askedIdMap(own, lines), { kind, ...own, ...lines });
  });
}

Deno.test("ROOT_RANGE ends before the ids that a 32-bit signed number can't hold", () => {
  equal(ROOT_RANGE.start + ROOT_RANGE.count < 2 ** 31, true);
});

Deno.test("findHelper() finds a program by name, and no other", () => {
  equal(findHelper("env"), "/usr/bin/env");
  equal(findHelper("no such program"), undefined);
});
