import { deepEqual, equal, throws } from "node:assert/strict";
import { DETACH_KEYS, DetachScanner, parseDetachKeys } from "./detach_keys.ts";

const PARSED: readonly (readonly [text: string, keys: readonly number[]])[] = [
  ["ctrl-p,ctrl-q", DETACH_KEYS],
  ["ctrl-P", [16]],
  ["ctrl-@", [0]],
  ["ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [27, 28, 29, 30, 31]],
  ["a,Z, ,~", [97, 90, 32, 126]],
  ["", []],
];
for (const [text, keys] of PARSED) {
  Deno.test(`parseDetachKeys() reads ${JSON.stringify(text)}`, () => deepEqual(parseDetachKeys(text), keys));
}

for (const text of ["ctrl-", "ctrl-1", "ab", "a,,b", ",", "é", "ctrl-p,", "\n", "a,".repeat(16) + "b"]) {
  Deno.test(`parseDetachKeys() refuses ${JSON.stringify(text)}`, () => {
    throws(() => parseDetachKeys(text), { code: "usage", message: /^Cannot use detach keys/ });
  });
}

/** What is typed, piece by piece; what is passed on of each, `!` where the keys were there, `?` where some is held. */
const SCANNED: readonly (readonly [keys: string, typed: readonly string[], seen: readonly string[]])[] = [
  ["ctrl-p,ctrl-q", ["ls\r"], ["ls\r"]],
  ["ctrl-p,ctrl-q", ["\x10\x11"], ["!"]],
  ["ctrl-p,ctrl-q", ["x\x10", "\x11y"], ["x?", "!"]],
  ["ctrl-p,ctrl-q", ["\x10", "a"], ["?", "\x10a"]],
  ["ctrl-p,ctrl-q", ["\x10\x10", "\x11"], ["\x10?", "!"]],
  ["ctrl-p,ctrl-q", ["\x11\x10"], ["\x11?"]],
  ["a,a,b", ["aaa", "b"], ["a?", "!"]],
  ["a,b,a,c", ["abab", "ac"], ["ab?", "!"]],
  ["q", ["xq"], ["x!"]],
  ["", ["\x10\x11"], ["\x10\x11"]],
];
for (const [keys, typed, seen] of SCANNED) {
  Deno.test(`DetachScanner: of ${JSON.stringify(typed)} with ${JSON.stringify(keys)}`, () => {
    const scanner = new DetachScanner(parseDetachKeys(keys));
    const found = typed.map((text) => {
      const { passed, isDetached } = scanner.scan(new TextEncoder().encode(text));
      return new TextDecoder().decode(passed) + (isDetached ? "!" : scanner.isHolding ? "?" : "");
    });
    deepEqual(found, seen);
  });
}

Deno.test("DetachScanner gives back what it has held", () => {
  const scanner = new DetachScanner(DETACH_KEYS);
  scanner.scan(Uint8Array.of(16));
  deepEqual(scanner.release(), Uint8Array.of(16));
  equal(scanner.isHolding, false);
  deepEqual(scanner.release(), new Uint8Array(0));
});
