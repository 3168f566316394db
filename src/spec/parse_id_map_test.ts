/** Tests of parseUidMap() and parseGidMap(). */

import { deepEqual, throws } from "node:assert/strict";
import { parseGidMap, parseUidMap } from "./parse_id_map.ts";

const GOOD = [
  { text: "0:100000:65536", container: 0, host: 100_000, size: 65_536, isOfTheMachine: false },
  { text: "1000:0", container: 1000, host: 0, size: 1, isOfTheMachine: false },
  { text: "1000:@1002:1", container: 1000, host: 1002, size: 1, isOfTheMachine: true },
  { text: "0:0:4294967295", container: 0, host: 0, size: 4_294_967_295, isOfTheMachine: false },
  { text: "4294967294:0", container: 4_294_967_294, host: 0, size: 1, isOfTheMachine: false },
] as const;

for (const row of GOOD) {
  Deno.test(`parseUidMap() takes ${row.text}`, () => deepEqual(parseUidMap(row.text), row));
}

const BAD = [
  { text: "", says: /neither two numbers nor three/ },
  { text: "5", says: /neither two numbers nor three/ },
  { text: "0:1:2:3", says: /neither two numbers nor three/ },
  { text: "0:", says: /no number/ },
  { text: ":1", says: /no number/ },
  { text: "0:1:", says: /no number/ },
  { text: "a:b:c", says: /no number/ },
  { text: "-1:0:1", says: /no number/ },
  { text: "0:-1:1", says: /no number/ },
  { text: "0:1:-1", says: /no number/ },
  { text: "0:@", says: /no number/ },
  { text: "0:@@1", says: /no number/ },
  { text: "@0:1", says: /no number/ },
  { text: "0x10:1:2", says: /no number/ },
  { text: " 0:1:2", says: /no number/ },
  { text: "0:1:1e3", says: /no number/ },
  { text: "0:1:0", says: /it maps no id/ },
  { text: "0:4294967295", says: /id 4294967295 is beyond 4294967294/ },
  { text: "4294967295:0", says: /id 4294967295 is beyond 4294967294/ },
  { text: "1:4294967290:6", says: /id 4294967295 is beyond 4294967294/ },
  { text: "0:0:4294967296", says: /id 4294967295 is beyond 4294967294/ },
  { text: "0:99999999999999999999", says: /is beyond 4294967294/ },
] as const;

for (const { text, says } of BAD) {
  Deno.test(`parseGidMap() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseGidMap(text), { code: "usage", message: says });
  });
}

for (const text of ["+1000:@1002", "u0:1", "+g0:1:2", "ug0:1"]) {
  Deno.test(`parseUidMap() has no flags yet: ${text}`, () => {
    throws(() => parseUidMap(text), { code: "unsupported", message: /^Cannot use --uidmap/ });
  });
}
