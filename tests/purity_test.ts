/**
 * Deciding is apart from doing: modules whose first comment says "Pure", and all of src/spec, src/plan and ffi/program,
 * ask neither the machine nor the clock, and import nothing that does.
 */

import { deepEqual } from "node:assert/strict";
import { isUnitTest, listImports, readSources, resolveImport, type Source } from "./sources.ts";

/** Where every module must be pure and say so. */
const PURE_FOLDERS = /^(src\/spec|src\/plan|ffi\/program|ffi\/layout)\//;

/** Tables of numbers, which are pure without saying so. */
const CONSTANTS = /^ffi\/constants\//;

/** Packages that only compute. */
const PURE_PACKAGES: ReadonlySet<string> = new Set(["smol-toml"]);

const IMPURE =
  /\bDeno\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bcrypto\.(getRandomValues|randomUUID)\b|\bfetch\(|\bset(Timeout|Interval)\(/;

/** Lists what breaks a module's purity, if it must be pure. */
function listImpurities(source: Source): string[] {
  const { path, text } = source;
  if (!saysPure(text)) {
    return PURE_FOLDERS.test(path) ? [`${path} does not say "Pure" in its first comment`] : [];
  }
  const found = IMPURE.exec(withoutComments(text));
  const called = found === null ? [] : [`${path} uses ${found[0]}`];
  return [...called, ...listImpureImports(source)];
}

/** A type leaves nothing behind, so any type may be imported. */
function listImpureImports(source: Source): string[] {
  return listImports(source).filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ specifier }) => resolveImport(source.path, specifier) ?? specifier)
    .filter((target) => !CONSTANTS.test(target) && !PURE_PACKAGES.has(target) && !pure.has(target))
    .map((target) => `${source.path} is pure and imports ${target}, which is not`);
}

function saysPure(text: string): boolean {
  const [header = ""] = text.split("*/", 1);
  return /^\s*\/\*\*/.test(header) && /\bPure\b/.test(header);
}

/** Good enough for our sources: a text that looks like a comment only hides what follows on its line. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

const sources = readSources("src", "ffi").filter(({ path }) => !isUnitTest(path));
const pure = new Set(sources.filter(({ text }) => saysPure(text)).map(({ path }) => path));

Deno.test("pure modules are pure", () => {
  deepEqual(sources.flatMap(listImpurities), []);
});

const PURE = "/** Decides. Pure. */\n";

const SAMPLES = [
  {
    path: "src/spec/bad.ts",
    text: "/** Decides. */",
    found: ['src/spec/bad.ts does not say "Pure" in its first comment'],
  },
  { path: "src/cli/bad.ts", text: `${PURE}Deno.env.get("A");`, found: ["src/cli/bad.ts uses Deno."] },
  {
    path: "src/plan/bad.ts",
    text: `${PURE}const now = Date.now();`,
    found: ["src/plan/bad.ts uses Date.now"],
  },
  {
    path: "src/plan/bad.ts",
    text: `${PURE}const id = Math.random();`,
    found: ["src/plan/bad.ts uses Math.random"],
  },
  {
    path: "src/plan/bad.ts",
    text: `${PURE}import { libc } from "../../ffi/libc.ts";`,
    found: ["src/plan/bad.ts is pure and imports ffi/libc.ts, which is not"],
  },
  {
    path: "src/image/bad.ts",
    text: `${PURE}import { build } from "esbuild";`,
    found: ["src/image/bad.ts is pure and imports esbuild, which is not"],
  },
  { path: "src/image/good.ts", text: `${PURE}import { parse } from "smol-toml";`, found: [] },
  { path: "src/plan/good.ts", text: `${PURE}import type { Libc } from "../../ffi/libc.ts";`, found: [] },
  {
    path: "src/plan/good.ts",
    text: `${PURE}import { CtrError } from "../errors.ts"; // not Deno.exit`,
    found: [],
  },
  { path: "src/runtime/good.ts", text: "/** Does things. */ Deno.pid;", found: [] },
];

for (const { path, text, found } of SAMPLES) {
  Deno.test(`purity: ${found[0] ?? `nothing is wrong with ${path}`}: ${JSON.stringify(text)}`, () => {
    deepEqual(listImpurities({ path, text }), found);
  });
}
