/** Tests of parseTimeout() and parseStopTimeout(). */

import { equal, throws } from "node:assert/strict";
import { parseStopTimeout, parseTimeout } from "./parse_seconds.ts";

Deno.test("parseTimeout() takes whole seconds", () => {
  equal(parseTimeout("0"), 0);
  equal(parseTimeout("2147483647"), 2147483647);
});

Deno.test("parseStopTimeout() takes -1 too", () => {
  equal(parseStopTimeout("-1"), -1);
  equal(parseStopTimeout("10"), 10);
});

for (const text of ["", "1.5", "10s", "-2", " 1", "2147483648", "1e3"]) {
  Deno.test(`parseTimeout() and parseStopTimeout() reject ${JSON.stringify(text)}`, () => {
    throws(() => parseTimeout(text), { code: "usage", message: /^Cannot use timeout / });
    throws(() => parseStopTimeout(text), { code: "usage", message: /^Cannot use stop timeout / });
  });
}
