/** Tests of chooseIdMaps(): the ids of this machine, and what a container can not have. */

import { deepEqual, throws } from "node:assert/strict";
import { ALL_IDS, chooseIdMaps } from "./choose_id_maps.ts";
import { parseGidMap, parseUidMap } from "./parse_id_map.ts";

/** User 1000 of group 100, with ten thousand ids of each kind. */
const MINE = {
  uid: [{ first: 0, hostID: 1000, count: 1 }, { first: 1, hostID: 100_000, count: 10_000 }],
  gid: [{ first: 0, hostID: 100, count: 1 }, { first: 1, hostID: 200_000, count: 10_000 }],
};
const ALONE = { uid: MINE.uid.slice(0, 1), gid: MINE.gid.slice(0, 1) };
const ROOT = { uid: ALL_IDS, gid: ALL_IDS };

type Granted = Parameters<typeof chooseIdMaps>[1];

function choose(
  granted: Granted,
  { uid = [], gid = [] }: { uid?: readonly string[]; gid?: readonly string[] },
) {
  const maps = { uidMaps: uid.map(parseUidMap), gidMaps: gid.map(parseGidMap) };
  const chosen = chooseIdMaps(maps, granted);
  const text = (kind: "uid" | "gid") =>
    chosen[kind].map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`);
  return { uid: text("uid"), gid: text("gid") };
}

const GOOD = [
  {
    why: "root's as they are",
    granted: ROOT,
    uid: ["0:5:3", "9:50"],
    want: [["0 5 3", "9 50 1"], ["0 5 3", "9 50 1"]],
  },
  { why: "root's by @ too", granted: ROOT, gid: ["0:@5:3"], want: [["0 5 3"], ["0 5 3"]] },
  {
    why: "root's with others for groups",
    granted: ROOT,
    uid: ["0:5"],
    gid: ["0:7:2"],
    want: [["0 5 1"], ["0 7 2"]],
  },
  { why: "all ids", granted: ROOT, uid: ["0:0:4294967295"], want: [["0 0 4294967295"], ["0 0 4294967295"]] },
  { why: "the user alone", granted: ALONE, uid: ["0:0"], want: [["0 1000 1"], ["0 100 1"]] },
  {
    why: "the user and its first ids, two lines",
    granted: MINE,
    uid: ["0:0:10"],
    want: [["0 1000 1", "1 100000 9"], ["0 100 1", "1 200000 9"]],
  },
  {
    why: "the user as 1000",
    granted: MINE,
    uid: ["0:1:1000", "1000:0", "1001:1001:100"],
    want: [
      ["0 100000 1000", "1000 1000 1", "1001 101000 100"],
      ["0 200000 1000", "1000 100 1", "1001 201000 100"],
    ],
  },
  {
    why: "a user's by the machine's numbers",
    granted: MINE,
    uid: ["0:@1000", "1:@100005:2"],
    gid: ["0:@100", "7:@209999"],
    want: [["0 1000 1", "1 100005 2"], ["0 100 1", "7 209999 1"]],
  },
] as const;

for (const { why, granted, want, ...asked } of GOOD) {
  Deno.test(`chooseIdMaps() gives ${why}`, () => {
    deepEqual(choose(granted, asked), { uid: want[0], gid: want[1] });
  });
}

const many = (count: number, step: number) =>
  Array.from({ length: count }, (_, index) => `${index * step}:${index * step}`);

const BAD = [
  {
    why: "an id twice inside",
    granted: ROOT,
    uid: ["0:5:10", "9:50"],
    says: /--uidmap: id 9 of the container/,
  },
  {
    why: "an id twice outside",
    granted: ROOT,
    uid: ["0:5:10", "20:14"],
    says: /id 14 of this machine is mapped twice/,
  },
  {
    why: "one range over another",
    granted: ROOT,
    gid: ["5:100:2", "0:5:10"],
    says: /--gidmap: id 5 of the container/,
  },
  { why: "no root", granted: ROOT, uid: ["1:5:10"], says: /--uidmap: id 0 of the container is not mapped/ },
  {
    why: "no root's group",
    granted: ROOT,
    uid: ["0:5"],
    gid: ["1:5"],
    says: /--gidmap: id 0 of the container/,
  },
  { why: "341 lines", granted: ROOT, uid: many(341, 2), says: /341 lines are more than the kernel takes/ },
  { why: "a page full of lines", granted: ROOT, uid: many(250, 10_000_000), says: /250 lines are more/ },
  { why: "more than was granted", granted: MINE, uid: ["0:9999:3"], says: /"0:9999:3": .* these user ids/ },
  { why: "another user", granted: MINE, uid: ["0:@1001"], says: /"0:@1001": .* user ids/ },
  { why: "root", granted: MINE, uid: ["0:@0"], says: /user ids/ },
  { why: "the user's id as a group", granted: MINE, uid: ["0:@1000"], says: /--uidmap .* these group ids/ },
  { why: "more than oneself", granted: ALONE, uid: ["0:0:2"], says: /user ids/ },
] as const;

for (const { why, granted, says, ...asked } of BAD) {
  Deno.test(`chooseIdMaps() refuses ${why}`, () => {
    throws(() => choose(granted, asked), { code: "usage", message: says });
  });
}

const HINTS = [
  { granted: ALONE, uid: ["0:1"], hint: /^Yours is 0 alone: install uidmap/ },
  { granted: ALONE, uid: ["0:@1"], hint: /^Yours is 1000 alone: install uidmap/ },
  { granted: MINE, uid: ["0:10001"], hint: /^Yours are 0, you, and 1 to 10000,.*\/etc\/subuid/ },
  { granted: MINE, uid: ["0:@10001"], hint: /^Yours are 1000 and, by \/etc\/subuid, 100000 to 109999/ },
  { granted: MINE, uid: ["0:0"], gid: ["0:@10001"], hint: /^Yours are 100 and, by \/etc\/subgid, 200000/ },
] as const;

for (const { granted, hint, ...asked } of HINTS) {
  Deno.test(`chooseIdMaps() says what there is instead of ${JSON.stringify(asked)}`, () => {
    throws(() => choose(granted, asked), { hint });
  });
}

Deno.test("chooseIdMaps() takes as many lines as the kernel", () => {
  deepEqual(choose(ROOT, { uid: many(340, 2) }).uid.length, 340);
});
