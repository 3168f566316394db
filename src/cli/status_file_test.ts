/** Tests of what --status-file says. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { CtrError } from "../errors.ts";
import type { RunEnd } from "../runtime/start_container.ts";
import { endStatus, failureStatus, tellFailure, withStatusFile } from "./status_file.ts";

const ENDS: readonly { readonly end: RunEnd; readonly signal: string | null }[] = [
  { end: { engine: "ok", exitCode: 125, isTimedOut: false }, signal: null },
  { end: { engine: "ok", exitCode: 137, signal: 9, isTimedOut: false }, signal: "SIGKILL" },
  { end: { engine: "ok", exitCode: 255, isTimedOut: true }, signal: null },
  { end: { engine: "killed", exitCode: 137, signal: 9, isTimedOut: false }, signal: "SIGKILL" },
];

for (const { end, signal } of ENDS) {
  Deno.test(`endStatus() of ${JSON.stringify(end)}`, () => {
    const { engine, exitCode, isTimedOut: timedOut } = end;
    deepEqual(endStatus(end), { engine, exitCode, signal, timedOut, error: null });
  });
}

const SITE = { step: 3, of: 9, call: 'chdir("/x")', errno: "ENOENT" };
const NOTHING = { step: null, call: null, errno: null, hint: null };
const FAILURES = [
  {
    error: new CtrError("syscall", "Cannot enter it", { site: SITE, hint: "Make it" }),
    exitCode: 125,
    want: {
      code: "syscall",
      message: "Cannot enter it",
      step: 3,
      call: SITE.call,
      errno: "ENOENT",
      hint: "Make it",
    },
  },
  {
    error: new CtrError("command_not_found", "Cannot run x"),
    exitCode: 127,
    want: { ...NOTHING, code: "command_not_found", message: "Cannot run x" },
  },
  { error: new TypeError("bug"), exitCode: 125, want: { ...NOTHING, code: "internal", message: "bug" } },
] as const;

for (const { error, exitCode, want } of FAILURES) {
  Deno.test(`failureStatus() of ${want.code}`, () => {
    deepEqual(failureStatus(error), {
      engine: "error",
      exitCode,
      signal: null,
      timedOut: false,
      error: want,
    });
  });
}

Deno.test("withStatusFile() empties the file first, and writes the end", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "older");
    const act = async (): Promise<RunEnd> => {
      equal(await Deno.readTextFile(path), "");
      return { engine: "ok", exitCode: 3, isTimedOut: false };
    };
    equal(await withStatusFile(path, act), 3);
    equal(JSON.parse(await Deno.readTextFile(path)).exitCode, 3);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("withStatusFile() refuses a file that can not be written before anything is done", async () => {
  await rejects(withStatusFile("/nosuch/status", () => Promise.reject(new Error("done"))), {
    code: "usage",
    message: 'Cannot write --status-file "/nosuch/status": its directory does not exist',
  });
});

const LINES = [
  { argv: "--status-file FILE --rm host true", isTold: true },
  { argv: "--rm --status-file=FILE -v x host true", isTold: true },
  { argv: "--status-file FILE --nmae x host true", isTold: true },
  { argv: "--status-file FILE --name", isTold: true },
  { argv: "--status-file other --status-file FILE --nmae", isTold: true },
  { argv: "--nmae --status-file FILE host true", isTold: false },
  { argv: "-v x host --status-file FILE", isTold: false },
  { argv: "--name --status-file FILE", isTold: false },
  { argv: "--status-file", isTold: false },
] as const;

for (const { argv, isTold } of LINES) {
  Deno.test(`tellFailure() ${isTold ? "finds the file in" : "finds none in"} ${argv}`, async () => {
    const path = await Deno.makeTempFile();
    try {
      tellFailure(argv.replace("FILE", path).split(" "), new CtrError("usage", "Cannot read it"));
      equal(await Deno.readTextFile(path) !== "", isTold);
    } finally {
      await Deno.remove(path);
    }
  });
}
