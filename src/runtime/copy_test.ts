import { deepEqual, throws } from "node:assert/strict";
import { parseSide, placeCopy, type Side } from "./copy.ts";

const SIDES = [
  { path: "a", expected: { path: "/base/a", hasSlash: false, isContent: false } },
  { path: "/a//b/./c/../", expected: { path: "/a/b", hasSlash: true, isContent: false } },
  { path: "/a/.", expected: { path: "/a", hasSlash: true, isContent: true } },
  { path: ".", expected: { path: "/base", hasSlash: false, isContent: true } },
  { path: "../../..", expected: { path: "/", hasSlash: false, isContent: false } },
] as const;

for (const { path, expected } of SIDES) {
  Deno.test(`parseSide() of ${path}`, () => {
    const { isContent, ...rest } = parseSide(path, "/base");
    deepEqual({ ...rest, isContent }, { ...expected, hasSlash: expected.hasSlash || path === "." });
  });
}

function side(text: string, kind: Side["kind"]): Side {
  return { ...parseSide(text, "/"), kind };
}

/** docker's table: `docker cp --help`, "SRC_PATH does specify a file", and so on. */
const RULES = [
  { from: side("/s/f", "file"), to: side("/d/new", "missing"), expected: { below: "/d", topName: "new" } },
  { from: side("/s/f", "file"), to: side("/d/old", "file"), expected: { below: "/d", topName: "old" } },
  { from: side("/s/f", "file"), to: side("/d", "directory"), expected: { below: "/d", topName: "f" } },
  { from: side("/s/f", "file"), to: side("/d/", "directory"), expected: { below: "/d", topName: "f" } },
  {
    from: side("/s/d", "directory"),
    to: side("/d/new", "missing"),
    expected: { below: "/d", topName: "new" },
  },
  {
    from: side("/s/d/.", "directory"),
    to: side("/d/new", "missing"),
    expected: { below: "/d", topName: "new" },
  },
  { from: side("/s/d", "directory"), to: side("/d", "directory"), expected: { below: "/d", topName: "d" } },
  { from: side("/s/d/.", "directory"), to: side("/d", "directory"), expected: { below: "/d", topName: "." } },
  { from: side("/s/d", "directory"), to: side("/new", "missing"), expected: { below: "/", topName: "new" } },
] as const;

for (const { from, to, expected } of RULES) {
  Deno.test(`placeCopy() of a ${from.kind} ${from.path}${from.isContent ? "/." : ""} to ${to.path}, ${to.kind}`, () => {
    deepEqual(placeCopy(from, to, () => "directory"), expected);
  });
}

const REFUSED = [
  {
    from: side("/s/f", "file"),
    to: side("/d/new/", "missing"),
    parent: "directory",
    why: /no such directory/,
  },
  {
    from: side("/s/f", "file"),
    to: side("/no/new", "missing"),
    parent: "missing",
    why: /its directory does not/,
  },
  {
    from: side("/s/d", "directory"),
    to: side("/d/old", "file"),
    parent: "directory",
    why: /can not take the place/,
  },
  { from: side("/s/f", "file"), to: side("/d/old/", "file"), parent: "directory", why: /it is no directory/ },
] as const;

for (const { from, to, parent, why } of REFUSED) {
  Deno.test(`placeCopy() refuses a ${from.kind} to ${to.path}${to.hasSlash ? "/" : ""}, ${to.kind}: ${why.source}`, () => {
    throws(() => placeCopy(from, to, () => parent), { code: "usage", message: why });
  });
}
