/** Tests of addressBytes(): addresses as the kernel takes them. */

import { deepEqual } from "node:assert/strict";
import { addressBytes, isAddress } from "./ip_address.ts";

const ROWS: readonly (readonly [text: string, bytes: readonly number[]])[] = [
  ["127.0.0.1", [127, 0, 0, 1]],
  ["0.0.0.0", [0, 0, 0, 0]],
  ["::", Array(16).fill(0)],
  ["::1", [...Array(15).fill(0), 1]],
  ["2001:db8::7", [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 7]],
  ["FE80:0:0:0:1:2:3:ABCD", [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0xab, 0xcd]],
  ["::ffff:192.0.2.7", [...Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 7]],
];

for (const [text, bytes] of ROWS) {
  Deno.test(`addressBytes(): ${text}`, () => deepEqual(addressBytes(text), bytes));
}

Deno.test("isAddress(): what is none", () => {
  const none = ["", "1.2.3", "1.2.3.256", "01.2.3.4", "localhost", ":::", "1::2::3", "[::1]", "fe80::1%eth0"];
  deepEqual(none.filter(isAddress), []);
});
