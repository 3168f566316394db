/** The names of signals that users may write are the kernel's. */

import { equal } from "node:assert/strict";
import { SIG, SIGRTMAX } from "../../ffi/constants/process.ts";
import { parseSignal, signalName } from "../../src/spec/parse_signal.ts";

for (const [name, number] of Object.entries(SIG)) {
  Deno.test(`signals: ${name} is ${number} to users too`, () => {
    equal(parseSignal(name), number);
    equal(signalName(number), name);
  });
}

Deno.test("signals: RTMAX is the kernel's last", () => {
  equal(parseSignal("RTMAX"), SIGRTMAX);
});
