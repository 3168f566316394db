/** Tests of report(). */

import { deepEqual, equal, match } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import { EXIT_CODES, report } from "./report.ts";

const SITE = { step: 3, of: 6, call: 'mount("proc", "/r/proc", "proc", MS_NOSUID)', errno: "EPERM" };

const ROWS = [
  {
    name: "a message",
    error: new CtrError("usage", "Cannot do it"),
    text: "myctr: Cannot do it\n",
  },
  {
    name: "a hint",
    error: new CtrError("usage", "Cannot do it", { hint: "Do y" }),
    text: "myctr: Cannot do it\n  hint  Do y\n",
  },
  {
    name: "a step",
    error: new CtrError("syscall", "Cannot mount proc", { site: SITE, hint: "Do y" }),
    text: `myctr: Cannot mount proc\n  step  3 of 6\n  call  ${SITE.call} = EPERM\n  hint  Do y\n`,
  },
  {
    name: "a failed clean-up",
    error: new CtrError("syscall", "Cannot do it", { cause: new CtrError("syscall", "Cannot clean up") }),
    text: "myctr: Cannot do it\n  also  Cannot clean up\n",
  },
  {
    name: "control characters, escaped",
    error: new CtrError("usage", "Cannot do \x1b[31m\nmyctr: fine\u202e"),
    text: "myctr: Cannot do \\u{1b}[31m\\u{a}myctr: fine\\u{202e}\n",
  },
] as const;

for (const { name, error, text } of ROWS) {
  Deno.test(`report() renders ${name}`, () => {
    equal(report(error).text, text);
  });
}

const CODES = [
  { code: "command_not_found", want: 127 },
  { code: "command_not_executable", want: 126 },
  { code: "usage", want: 125 },
  { code: "syscall", want: 125 },
] as const;

for (const { code, want } of CODES) {
  Deno.test(`report() ends with ${want} for ${code}`, () => {
    equal(report(new CtrError(code, "Cannot do it")).exitCode, want);
  });
}

Deno.test("EXIT_CODES are docker's three", () => {
  deepEqual([...new Set(Object.values(EXIT_CODES))].sort(), [125, 126, 127]);
});

for (const thrown of [new TypeError("x is not a function"), "text", undefined]) {
  Deno.test(`report() calls ${thrown} a bug`, () => {
    const { text, exitCode } = report(thrown);
    equal(exitCode, 125);
    match(text, /^myctr: Internal error: this is a bug in myctr\n/);
  });
}

Deno.test("report() shows the stack and the cause with --debug", () => {
  const error = new CtrError("bad_state", "Cannot do it", { cause: new Error("deep") });
  match(report(error, { isDebug: true }).text, /CtrError: Cannot do it\n[^]*caused by\n {2}Error: deep/);
});
