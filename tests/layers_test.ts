/** Imports go one way (docs/architecture.md): each module imports only what stands below it. */

import { deepEqual } from "node:assert/strict";
import { isUnitTest, listImports, readSources, resolveImport, type Source } from "./sources.ts";

/** What the product uses of src/executable: whose environment it is, and what every program does at its end. */
const CALLER_ENV = "src/executable/caller_env.ts";
const SETTLE_CACHE = "src/executable/settle_cache.ts";

/** What each layer may import. The longer path stands first: the first match wins. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/main.ts": ["src/cli", "src/errors.ts", CALLER_ENV, SETTLE_CACHE],
  "src/main_run.ts": ["src/cli"],
  "src/main_exec.ts": ["src/cli"],
  "src/main_look.ts": ["src/cli"],
  "src/main_start.ts": ["src/cli"],
  "src/main_watch.ts": ["src/cli"],
  "src/cli": [
    "src/cli",
    "src/doctor",
    "src/runtime",
    "src/image",
    "src/build",
    "src/network",
    "src/plan",
    "src/spec",
    "src/errors.ts",
    CALLER_ENV,
    SETTLE_CACHE,
  ],
  "src/build": [
    "src/build",
    "src/runtime",
    "src/image",
    "src/plan",
    "src/host",
    "src/spec",
    "src/errors.ts",
    "ffi",
  ],
  "src/doctor": [
    "src/doctor",
    "src/runtime",
    "src/plan",
    "src/host",
    "src/errors.ts",
    CALLER_ENV,
    "ffi",
  ],
  "src/runtime": [
    "src/runtime",
    "src/image",
    "src/network",
    "src/cgroup",
    "src/security",
    "src/plan",
    "src/host",
    "src/spec",
    "src/errors.ts",
    CALLER_ENV,
    "ffi",
  ],
  "src/image": ["src/image", "src/host", "src/spec", "src/errors.ts", CALLER_ENV, "ffi"],
  "src/network": ["src/network", "src/host", "src/spec", "src/errors.ts", CALLER_ENV, "ffi"],
  "src/cgroup": ["src/cgroup", "src/host", "src/spec", "src/errors.ts", "ffi"],
  "src/security": ["src/security", "src/host", "src/spec", "src/errors.ts", "ffi"],
  "src/plan": ["src/plan", "src/host", "src/spec", "src/errors.ts", "ffi/constants"],
  "src/host": ["src/host", "src/errors.ts", CALLER_ENV, "ffi"],
  "src/spec": ["src/spec", "src/errors.ts"],
  "src/errors.ts": [],
  "src/errors_test.ts": ["src/errors.ts"],
  [CALLER_ENV]: ["src/errors.ts"],
  [SETTLE_CACHE]: ["ffi"],
  "src/executable/whole_program.ts": [CALLER_ENV, "src/errors.ts", "ffi"],
  "src/executable": ["src/executable", "src/errors.ts"],
  "ffi/constants": ["ffi/constants"],
  "ffi/layout": ["ffi/layout", "ffi/constants"],
  "ffi/program": ["ffi/program", "ffi/layout", "ffi/constants"],
  "ffi": ["ffi"],
};

/** Which layers may use a package; tests may use node: too. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  "esbuild": ["src/executable"],
  "smol-toml": ["src/image"],
  "node:": ["src/executable", "src/image"],
};

function isIn(path: string, layer: string): boolean {
  return path === layer || path.startsWith(`${layer}/`);
}

/** Lists the imports that go the wrong way, each as `src/spec/bad.ts imports ffi/libc.ts`. */
function listWrongImports(source: Source): string[] {
  const layer = Object.keys(MAY_IMPORT).find((each) => isIn(source.path, each));
  if (layer === undefined) return [`${source.path} is in no layer`];
  return listImports(source).map(({ specifier }) => resolveImport(source.path, specifier) ?? specifier)
    .filter((target) => !mayImport(source.path, MAY_IMPORT[layer] ?? [], target))
    .map((target) => `${source.path} imports ${target}`);
}

function mayImport(path: string, below: readonly string[], target: string): boolean {
  if (isUnitTest(path) && /^(tests\/|node:|deno\.json$)/.test(target)) return true;
  const isModule = /^(src|ffi|tests)\//.test(target);
  if (isModule) return below.some((layer) => isIn(target, layer));
  const users = Object.entries(MAY_USE).find(([name]) =>
    target === name || name.endsWith(":") && target.startsWith(name)
  );
  return users?.[1].some((layer) => isIn(path, layer)) ?? false;
}

Deno.test("imports go one way, from src/main.ts down to ffi", () => {
  deepEqual(readSources("src", "ffi").flatMap(listWrongImports), []);
});

const SAMPLES = [
  { path: "src/spec/bad.ts", text: 'import { libc } from "../../ffi/libc.ts";', wrong: "ffi/libc.ts" },
  { path: "src/spec/bad.ts", text: 'import type { A } from "../plan/a.ts";', wrong: "src/plan/a.ts" },
  { path: "src/spec/bad.ts", text: 'export * from "../host/a.ts";', wrong: "src/host/a.ts" },
  { path: "src/spec/bad.ts", text: 'export { a } from "../host/a.ts";', wrong: "src/host/a.ts" },
  { path: "src/plan/bad.ts", text: 'await import("../runtime/run.ts");', wrong: "src/runtime/run.ts" },
  { path: "src/plan/bad.ts", text: 'import { a } from "../../ffi/program/a.ts";', wrong: "ffi/program/a.ts" },
  {
    path: "src/cli/bad.ts",
    text: 'import { a } from "../executable/build.ts";',
    wrong: "src/executable/build.ts",
  },
  { path: "src/runtime/bad.ts", text: 'import { a } from "esbuild";', wrong: "esbuild" },
  { path: "src/host/bad.ts", text: 'import { a } from "node:fs";', wrong: "node:fs" },
  { path: "ffi/bad.ts", text: 'import { a } from "../src/errors.ts";', wrong: "src/errors.ts" },
  { path: "src/spec/bad.ts", text: 'import { a } from "../../tests/a.ts";', wrong: "tests/a.ts" },
  { path: "src/spec/good.ts", text: 'import { a } from "../errors.ts"; import { b } from "./b.ts";' },
  {
    path: "src/spec/good_test.ts",
    text: 'import { a } from "node:assert/strict"; import "../../tests/a.ts";',
  },
  { path: "src/plan/good.ts", text: 'import { a } from "../../ffi/constants/a.ts";' },
];

for (const { path, text, wrong } of SAMPLES) {
  Deno.test(`layers: ${wrong === undefined ? "nothing wrong" : `${wrong} is found`} in ${path}: ${text}`, () => {
    deepEqual(listWrongImports({ path, text }), wrong === undefined ? [] : [`${path} imports ${wrong}`]);
  });
}

Deno.test("layers: a folder that no layer names is found", () => {
  deepEqual(listWrongImports({ path: "src/utils/x.ts", text: "" }), ["src/utils/x.ts is in no layer"]);
});
