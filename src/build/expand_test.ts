/** Tests of expand(): variables, their forms, quotes and escapes. */

import { equal, throws } from "node:assert/strict";
import { chance } from "../../tests/chance.ts";
import { expand, ExpandError } from "./expand.ts";

const VALUES: Readonly<Record<string, string>> = { A: "one", E: "", P: "/usr/lib/x.tar.gz", S: "a b" };
const lookup = (name: string) => VALUES[name];

const ROWS: readonly (readonly [text: string, expanded: string])[] = [
  ["plain", "plain"],
  ["$A", "one"],
  ["x${A}y", "xoney"],
  ["$Ax", ""],
  ["$U|$", "|$"],
  ["$1a$@b", "ab"],
  ["'$A'", "$A"],
  ['"$A \\$A \\x"', "one $A \\x"],
  ["\\$A", "$A"],
  ["a\\ b", "a b"],
  ["$S", "a b"],
  ["${U:-d}${E:-d}${A:-d}", "ddone"],
  ["${U-d}${E-d}", "d"],
  ["${U:+d}${E:+d}${A:+d}", "d"],
  ["${E+d}", "d"],
  ["${U:-${A}}", "one"],
  ["${U:-'a}b'}", "a}b"],
  ["${A:?no}", "one"],
  ["${P#*/}", "usr/lib/x.tar.gz"],
  ["${P##*/}", "x.tar.gz"],
  ["${P%.*}", "/usr/lib/x.tar"],
  ["${P%%.*}", "/usr/lib/x"],
  ["${A#x}", "one"],
  ["${P/lib/LIB}", "/usr/LIB/x.tar.gz"],
  ["${P//\\//:}", ":usr:lib:x.tar.gz"],
  ["${P/?sr/X}", "/X/lib/x.tar.gz"],
  ["${P/#/}", "/usr/lib/x.tar.gz"],
];

for (const [text, expanded] of ROWS) {
  Deno.test(`expand(): ${text}`, () => equal(expand(text, lookup), expanded));
}

const WRONG: readonly (readonly [text: string, index: number])[] = [
  ["a'b", 1],
  ['ab"c', 2],
  ["x${", 1],
  ["${A", 0],
  ["${}", 0],
  ["${A:x}", 0],
  ["${A!}", 0],
  ["${U:?gone}", 0],
  ["${U?}", 0],
  ["${A:-", 5],
];

for (const [text, index] of WRONG) {
  Deno.test(`expand(): ${text} is refused`, () => {
    throws(() => expand(text, lookup), (error) => error instanceof ExpandError && error.index === index);
  });
}

Deno.test("expand(): another escape character, and documents keep their quotes", () => {
  equal(expand("`$A c:\\d", lookup, { escape: "`" }), "$A c:\\d");
  equal(expand("\"$A\" '$A' \\$A", lookup, { isRaw: true }), "\"one\" 'one' \\$A");
});

Deno.test("expand(): patterns of many stars take no long time", () => {
  const value = "a".repeat(2000);
  const begin = performance.now();
  equal(expand(`\${V##${"*a".repeat(200)}b}`, () => value), value);
  equal(expand(`\${V/${"a*".repeat(50)}b/x}`, () => value.slice(0, 300)), value.slice(0, 300));
  // A pattern that is tried in all ways would take years.
  equal(performance.now() - begin < 20_000, true);
});

Deno.test("expand(): texts of chance give a text or an ExpandError", () => {
  const next = chance(3);
  const pieces = ["$", "{", "}", "A", "U", ":", "-", "+", "?", "#", "%", "/", "*", "'", '"', "\\", " ", "é"];
  for (let round = 0; round < 100_000; round++) {
    const length = Math.floor(next() * 14);
    const text = Array.from({ length }, () => pieces[Math.floor(next() * pieces.length)]).join("");
    try {
      equal(typeof expand(text, lookup), "string");
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
    }
  }
});
