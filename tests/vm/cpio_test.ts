import { equal, match } from "node:assert/strict";
import { encodeCpio } from "./cpio.ts";

const bytes = encodeCpio([{ path: "bin" }, { path: "bin/a", content: new TextEncoder().encode("12345") }]);
const text = new TextDecoder().decode(bytes);

Deno.test("encodeCpio() writes whole units of 4 bytes", () => {
  equal(bytes.length % 4, 0);
  equal(text.indexOf("070701", 1) % 4, 0);
});

Deno.test("encodeCpio() writes a directory, a file with its content, and the end", () => {
  match(text, /^07070100000001000041ed0{16}/);
  match(text, /00000002000081ed[^]*bin\/a\0+12345\0/);
  match(text, /TRAILER!!!\0+$/);
});
