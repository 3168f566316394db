import { deepEqual, equal, throws } from "node:assert/strict";
import { parseHealthCommand, parseHealthRetries, parseHealthTime, parseOnFailure } from "./parse_health.ts";

const COMMANDS = [
  { text: "curl -f localhost", test: ["CMD-SHELL", "curl -f localhost"] },
  { text: "[ -e /ready ]", test: ["CMD-SHELL", "[ -e /ready ]"] },
  { text: '["probe", "-v"]', test: ["CMD", "probe", "-v"] },
  { text: '["CMD", "probe"]', test: ["CMD", "probe"] },
  { text: '["CMD-SHELL", "a && b"]', test: ["CMD-SHELL", "a && b"] },
  { text: '["CMD"]', test: ["CMD", "CMD"] },
  { text: "none", test: ["NONE"] },
  { text: '["NONE"]', test: ["NONE"] },
  { text: "[1]", test: ["CMD-SHELL", "[1]"] },
];

for (const { text, test } of COMMANDS) {
  Deno.test(`--health-cmd ${text}`, () => {
    deepEqual(parseHealthCommand(text), test);
  });
}

for (const text of ["", " ", "[]"]) {
  Deno.test(`--health-cmd ${JSON.stringify(text)} is refused`, () => {
    throws(() => parseHealthCommand(text), { code: "usage", message: /there is no command/ });
  });
}

const TIMES = [["0", 0], ["0s", 0], ["30s", 30_000], ["1m30s", 90_000], ["1.5s", 1500], ["1ms", 1], [
  "2h",
  7_200_000,
]] as const;

for (const [text, milliseconds] of TIMES) {
  Deno.test(`--health-interval ${text}`, () => {
    equal(parseHealthTime("--health-interval")(text), milliseconds);
  });
}

const BAD_TIMES = [
  ["30", /it is no duration/],
  ["soon", /it is no duration/],
  ["", /it is no duration/],
  ["-1s", /less than nothing/],
  ["100us", /less than a millisecond/],
  ["9999999h", /more than 68 years/],
] as const;

for (const [text, message] of BAD_TIMES) {
  Deno.test(`--health-timeout ${JSON.stringify(text)} is refused`, () => {
    throws(() => parseHealthTime("--health-timeout")(text), { code: "usage", message });
  });
}

Deno.test("--health-retries and --health-on-failure", () => {
  equal(parseHealthRetries("3"), 3);
  throws(() => parseHealthRetries("-1"), { code: "usage" });
  throws(() => parseHealthRetries("many"), { code: "usage" });
  equal(parseOnFailure("restart"), "restart");
  throws(() => parseOnFailure("reboot"), { code: "usage", hint: /restart/ });
});
