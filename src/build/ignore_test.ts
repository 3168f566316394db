/** Tests of parseIgnore(): which paths of a context are left out. */

import { equal } from "node:assert/strict";
import { parseIgnore } from "./ignore.ts";

const ROWS: readonly (readonly [lines: string, path: string, isLeftOut: boolean])[] = [
  ["", "a", false],
  ["a", "a", true],
  ["a", "a/b/c", true],
  ["a", "b/a", false],
  ["/a/", "a", true],
  ["*/a", "b/a", true],
  ["*/a", "b/c/a", false],
  ["**/a", "a", true],
  ["**/a", "b/c/a", true],
  ["a/**", "a/b", true],
  ["a/**", "a", false],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["*.md", "x.md", true],
  ["*.md", "a/x.md", false],
  ["**/*.md", "a/x.md", true],
  ["*.md\n!x.md", "x.md", false],
  ["!x.md\n*.md", "x.md", true],
  ["a\n!a/b", "a/b", false],
  ["a\n!a/b", "a/c", true],
  ["?.txt", "a.txt", true],
  ["?.txt", "ab.txt", false],
  ["[ab]", "b", true],
  ["[^ab]", "b", false],
  ["# a", "a", false],
  ["  a  ", "a", true],
  ["a/../b", "b", true],
  ["./a", "a", true],
  [".", "a", false],
  ["\\*", "*", true],
  ["a.b", "axb", false],
];

for (const [lines, path, isLeftOut] of ROWS) {
  Deno.test(`parseIgnore(${JSON.stringify(lines)}): ${path}`, () =>
    equal(parseIgnore(lines)(path), isLeftOut));
}
