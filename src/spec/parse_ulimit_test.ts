/** Tests of parseUlimit() and joinUlimits(). */

import { deepEqual, throws } from "node:assert/strict";
import { joinUlimits, parseUlimit } from "./parse_ulimit.ts";
import { UNLIMITED } from "./types.ts";

const GOOD = [
  { text: "nofile=1024", type: "RLIMIT_NOFILE", soft: 1024, hard: 1024 },
  { text: "nofile=1024:4096", type: "RLIMIT_NOFILE", soft: 1024, hard: 4096 },
  { text: "core=0:-1", type: "RLIMIT_CORE", soft: 0, hard: UNLIMITED },
  { text: "memlock=unlimited", type: "RLIMIT_MEMLOCK", soft: UNLIMITED, hard: UNLIMITED },
] as const;

for (const { text, ...limit } of GOOD) {
  Deno.test(`parseUlimit() takes ${text}`, () => deepEqual(parseUlimit(text), limit));
}

const BAD = [
  { text: "nofile", says: /the value is missing/ },
  { text: "host", says: /no such type/ },
  { text: "nofil=1", says: /no such type/ },
  { text: "NOFILE=1", says: /no such type/ },
  { text: "nofile=", says: /no number/ },
  { text: "nofile=-2", says: /no number/ },
  { text: "nofile=1k", says: /no number/ },
  { text: "nofile=1:2:3", says: /more than two/ },
  { text: "nofile=2:1", says: /soft limit is higher/ },
  { text: "nofile=-1:1", says: /soft limit is higher/ },
  { text: "nofile=99999999999999999999", says: /no number/ },
] as const;

for (const { text, says } of BAD) {
  Deno.test(`parseUlimit() rejects ${text}`, () => {
    throws(() => parseUlimit(text), { code: "usage", message: says });
  });
}

Deno.test("joinUlimits() keeps the last of one type", () => {
  const limits = ["core=1", "nproc=5", "core=2"].map(parseUlimit);
  deepEqual(joinUlimits(limits).map(({ soft }) => soft), [2, 5]);
});
