import { deepEqual, throws } from "node:assert/strict";
import { cString, decodeBytes, encodeBytes } from "./cstring.ts";

Deno.test("cString() puts NUL behind UTF-8 bytes", () => {
  deepEqual([...cString("aé")], [0x61, 0xc3, 0xa9, 0]);
  deepEqual([...cString("")], [0]);
});

Deno.test("cString() refuses an inner NUL", () => {
  throws(() => cString("/etc\0/passwd"), TypeError);
});

const NAMES: readonly (readonly number[])[] = [
  [],
  [0x61, 0xff, 0x62],
  [0xc3, 0xa9, 0xc3],
  [0xed, 0xb3, 0xbf],
  [0xef, 0xbb, 0xbf, 0x61],
  [0xf0, 0x9f, 0x90, 0xb3, 0x80, 0xf0, 0x9f, 0x90],
  [0xef, 0xbf, 0xbd],
  Array.from({ length: 256 }, (_, byte) => byte),
];

for (const name of NAMES) {
  Deno.test(`decodeBytes() and encodeBytes() keep the bytes ${name.slice(0, 8).join(" ")}`, () => {
    const text = decodeBytes(Uint8Array.from(name));
    deepEqual([...encodeBytes(text)], name);
    // It passes through JSON too.
    deepEqual([...encodeBytes(JSON.parse(JSON.stringify(text)))], name);
  });
}

Deno.test("decodeBytes() reads UTF-8 as it is", () => {
  deepEqual(decodeBytes(new TextEncoder().encode("é🐳")), "é🐳");
});
