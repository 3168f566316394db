/** The size budget: a file that must be searched instead of read, or a function that should be a list, fails here. */

import { deepEqual } from "node:assert/strict";
import { listFunctions, readSources, type Source } from "./sources.ts";

const FILE_LIMIT = 400;
const FUNCTION_LIMIT = 60;

/** Tables of constants have as many rows as the kernel has numbers. */
const TABLES = /^ffi\/constants\//;

/** Lists what is over a limit. */
function listOversize(source: Source): string[] {
  const lineCount = source.text.trimEnd().split("\n").length;
  const file = lineCount > FILE_LIMIT && !TABLES.test(source.path)
    ? [`${source.path} has ${lineCount} lines`]
    : [];
  const functions = listFunctions(source).filter((each) => each.lineCount > FUNCTION_LIMIT)
    .map((each) => `${source.path}:${each.line} ${each.name} has ${each.lineCount} lines`);
  return [...file, ...functions];
}

Deno.test(`no file has more than ${FILE_LIMIT} lines, no function more than ${FUNCTION_LIMIT}`, () => {
  deepEqual(readSources("src", "ffi", "tests").flatMap(listOversize), []);
});

const LONG_BODY = "  call();\n".repeat(FUNCTION_LIMIT);

const SAMPLES = [
  { path: "src/a.ts", text: "\n".repeat(FILE_LIMIT) + "x;\n", found: ["src/a.ts has 401 lines"] },
  { path: "src/a.ts", text: "\n".repeat(FILE_LIMIT - 1) + "x;\n", found: [] },
  { path: "ffi/constants/a.ts", text: "\n".repeat(FILE_LIMIT) + "x;\n", found: [] },
  { path: "src/a.ts", text: `\nfunction a() {\n${LONG_BODY}}`, found: ["src/a.ts:2 a has 62 lines"] },
  { path: "src/a.ts", text: `const b = () => {\n${LONG_BODY}};`, found: ["src/a.ts:1 b has 62 lines"] },
  { path: "src/a.ts", text: `class A {\n  c() {\n${LONG_BODY}}\n}`, found: ["src/a.ts:2 c has 62 lines"] },
  { path: "src/a.ts", text: `const d = { e() {\n${LONG_BODY}} };`, found: ["src/a.ts:1 e has 62 lines"] },
  { path: "src/a.ts", text: `f(() => {\n${LONG_BODY}});`, found: ["src/a.ts:1 (anonymous) has 62 lines"] },
  { path: "src/a.ts", text: "function a() {\n" + "  call();\n".repeat(FUNCTION_LIMIT - 2) + "}", found: [] },
];

for (const { path, text, found } of SAMPLES) {
  Deno.test(`sizes: ${found[0] ?? "nothing over the limit"}: ${path} ${JSON.stringify(text.trim().slice(0, 20))}`, () => {
    deepEqual(listOversize({ path, text }), found);
  });
}
