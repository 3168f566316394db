import { deepEqual, throws } from "node:assert/strict";
import { cString } from "./cstring.ts";

Deno.test("cString() puts NUL behind UTF-8 bytes", () => {
  deepEqual([...cString("aé")], [0x61, 0xc3, 0xa9, 0]);
  deepEqual([...cString("")], [0]);
});

Deno.test("cString() refuses an inner NUL", () => {
  throws(() => cString("/etc\0/passwd"), TypeError);
});
