/** Tests of parse_address.ts. */

import { deepEqual, throws } from "node:assert/strict";
import { parseListenAddress, renderListenAddress } from "./parse_address.ts";

const GOOD: readonly (readonly [text: string, host: string, port: number, shown: string])[] = [
  ["127.0.0.1:5000", "127.0.0.1", 5000, "127.0.0.1:5000"],
  ["localhost:0", "127.0.0.1", 0, "127.0.0.1:0"],
  ["[::1]:5000", "::1", 5000, "[::1]:5000"],
  ["0.0.0.0:80", "0.0.0.0", 80, "0.0.0.0:80"],
];

for (const [text, host, port, shown] of GOOD) {
  Deno.test(`parseListenAddress() takes ${text}`, () => {
    const address = parseListenAddress(text);
    deepEqual([address, renderListenAddress(address)], [{ host, port }, shown]);
  });
}

const BAD = [
  "",
  "5000",
  ":5000",
  "127.0.0.1",
  "127.0.0.1:",
  "127.0.0.1:65536",
  "256.0.0.1:1",
  "example.com:1",
  "::1:5000",
];

for (const text of BAD) {
  Deno.test(`parseListenAddress() refuses "${text}"`, () => {
    throws(() => parseListenAddress(text), { code: "usage" });
  });
}
