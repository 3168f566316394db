/** Tests of resolveUser(): the rules of docker, and hostile files. */

import { deepEqual, throws } from "node:assert/strict";
import { resolveUser } from "./resolve_user.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/sh
bob:x:1000:100::/home/bob:/bin/sh
1000:x:7:7::/seven:/bin/sh
bob:x:2000:200::/second:/bin/sh
short:x:30:31
far:x:4294967296:0::/:/bin/sh
last:x:4294967294:4294967294::/l:/bin/sh
`;
const GROUP = `root:x:0:
wheel:x:10:root,bob
users:x:100:
audio:x:11:bob
audio2:x:11:bob
far:x:4294967295:bob
`;
const FILES = { passwd: PASSWD, group: GROUP };

const GOOD = [
  { text: "0", want: { uid: 0, gid: 0, groups: [0, 10], home: "/root", name: "root" } },
  { text: "bob", want: { uid: 1000, gid: 100, groups: [100, 10, 11], home: "/home/bob", name: "bob" } },
  { text: "1000", want: { uid: 1000, gid: 100, groups: [100, 10, 11], home: "/home/bob", name: "bob" } },
  { text: "bob:users", want: { uid: 1000, gid: 100, groups: [100], home: "/home/bob", name: "bob" } },
  { text: "bob:5", want: { uid: 1000, gid: 5, groups: [5], home: "/home/bob", name: "bob" } },
  { text: "77", want: { uid: 77, gid: 0, groups: [0], home: "/" } },
  { text: "77:wheel", want: { uid: 77, gid: 10, groups: [10], home: "/" } },
  { text: ":wheel", want: { uid: 0, gid: 10, groups: [10], home: "/root", name: "root" } },
  { text: "short", want: { uid: 30, gid: 31, groups: [31], home: "/", name: "short" } },
  {
    text: "last",
    want: { uid: 4294967294, gid: 4294967294, groups: [4294967294], home: "/l", name: "last" },
  },
] as const;

for (const { text, want } of GOOD) {
  Deno.test(`resolveUser() finds ${text}`, () => {
    deepEqual(resolveUser(text, FILES), want);
  });
}

const BAD = [
  { text: "alice", why: "an unknown user", code: "not_found" },
  { text: "bob:nobody", why: "an unknown group", code: "not_found" },
  { text: "far", why: "its line is beyond the range", code: "not_found" },
  { text: "0:far", why: "its line is -1", code: "not_found" },
  { text: "4294967296", why: "it would wrap to 0", code: "usage" },
] as const;

for (const { text, why, code } of BAD) {
  Deno.test(`resolveUser() rejects ${text}: ${why}`, () => {
    throws(() => resolveUser(text, FILES), { code });
  });
}

const HOMES = [
  { home: "/h", want: "/h" },
  { home: "", want: "/" },
  { home: "relative", want: "/" },
  { home: "/a\rB=1", want: "/" },
  { home: "/a\x1b[31m", want: "/" },
  { home: "/a\0", want: "/" },
  { home: "/a\u2028", want: "/" },
  { home: `/${"h".repeat(1023)}`, want: `/${"h".repeat(1023)}` },
  { home: `/${"h".repeat(1024)}`, want: "/" },
  { home: `/${"ä".repeat(512)}`, want: "/" },
] as const;

for (const { home, want } of HOMES) {
  Deno.test(`resolveUser() makes of home ${JSON.stringify(home.slice(0, 16))} ${want.slice(0, 16)}`, () => {
    deepEqual(resolveUser("a", { passwd: `a:x:1:2::${home}:/bin/sh`, group: "" }).home, want);
  });
}

const HOSTILE = [
  "a:x:-1:0::/",
  "a:x:0x0:0::/",
  "a:x: 0:0::/",
  "a:x::0::/",
  "a:x:1e1:0::/",
  "a",
  ":::::",
  "a:x:1::::/",
];

for (const line of HOSTILE) {
  Deno.test(`resolveUser() skips the line ${line}`, () => {
    throws(() => resolveUser("a", { passwd: line, group: "" }), { code: "not_found" });
  });
}

function groupsFor(count: number): string {
  return Array.from({ length: count }, (_, index) => `g${index}:x:${index}:bob`).join("\n");
}

Deno.test("resolveUser() gives 256 groups", () => {
  deepEqual(resolveUser("bob", { passwd: PASSWD, group: groupsFor(256) }).groups.length, 256);
});

Deno.test("resolveUser() rejects 257 groups", () => {
  throws(() => resolveUser("bob", { passwd: PASSWD, group: groupsFor(257) }), { code: "unsupported" });
});

Deno.test("resolveUser() does not count groups when one is named", () => {
  deepEqual(resolveUser("bob:1", { passwd: PASSWD, group: groupsFor(257) }).groups, [1]);
});
