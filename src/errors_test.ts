/** Tests of tellable(). */

import { deepEqual, equal } from "node:assert/strict";
import { CtrError, tellable } from "./errors.ts";

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

const TOLD: readonly (readonly [thrown: Error, message: string])[] = [
  [
    withCode("No space left on device (os error 28): writefile '/a/b'", "ENOSPC"),
    'Cannot go on with "/a/b": No space left on device',
  ],
  [withCode("No space left on device (os error 28)", "ENOSPC"), "Cannot go on: No space left on device"],
  [
    new Error("open state.lock: EMFILE (Too many open files)"),
    "Cannot go on: open state.lock: EMFILE (Too many open files)",
  ],
];

for (const [thrown, message] of TOLD) {
  Deno.test(`tellable() says what ${JSON.stringify(thrown.message)} means`, () => {
    const told = tellable(thrown);
    deepEqual([told?.code, told?.message, told?.cause], ["syscall", message, thrown]);
  });
}

for (
  const thrown of [
    new TypeError("x is undefined"),
    withCode("No such file (os error 2)", "ENOENT"),
    "text",
    undefined,
  ]
) {
  Deno.test(`tellable() knows a bug: ${String(thrown)}`, () => equal(tellable(thrown), undefined));
}

Deno.test("tellable() leaves what is tellable as it is", () => {
  const error = new CtrError("usage", "Cannot do it");
  equal(tellable(error), error);
});
