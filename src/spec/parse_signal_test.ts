/** Tests of parseSignal() and signalName(). */

import { equal, throws } from "node:assert/strict";
import { parseSignal, signalName } from "./parse_signal.ts";

const GOOD: readonly (readonly [text: string, number: number])[] = [
  ["SIGHUP", 1],
  ["SIGSYS", 31],
  ["term", 15],
  ["Usr1", 10],
  ["15", 15],
  ["64", 64],
  ["SIGIOT", 6],
  ["RTMIN", 34],
  ["SIGRTMIN+3", 37],
  ["rtmax-1", 63],
];

for (const [text, number] of GOOD) {
  Deno.test(`parseSignal() takes ${text}`, () => {
    equal(parseSignal(text), number);
  });
}

const BAD = ["", "0", "65", "-1", "SIG", "TERMS", "RTMIN-1", "RTMIN+31", "RTMAX-31", "1.5", "0x9", " 9"];

for (const text of BAD) {
  Deno.test(`parseSignal() rejects ${JSON.stringify(text)}`, () => {
    throws(() => parseSignal(text), { code: "usage", message: /^Cannot use signal / });
  });
}

Deno.test("signalName() gives back what parseSignal() takes", () => {
  for (let number = 1; number <= 64; number++) {
    if (number !== 32 && number !== 33) equal(parseSignal(signalName(number)), number);
  }
});
