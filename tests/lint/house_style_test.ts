/** Each house rule on samples that it must reject and samples that it must let through. */

import { deepEqual, equal } from "node:assert/strict";
import plugin, { isHouseMessage } from "./house_style.ts";

const MESSAGES = [
  { text: "Cannot mount proc", good: true },
  { text: 'Cannot read "…": it is a directory', good: true },
  { text: "Cannot … the container", good: true },
  { text: "Cannot …", good: true },
  { text: "…: no such file", good: true },
  { text: "Cannot find the image's user", good: true },
  { text: "cannot mount proc", good: false },
  { text: "Cannot mount", good: false },
  { text: "Cannot mount proc.", good: false },
  { text: "Failed to mount proc", good: false },
  { text: "Cannot mount proc: it isn't there", good: false },
  { text: "Cannot mount proc: it’s busy", good: false },
] as const;

for (const { text, good } of MESSAGES) {
  Deno.test(`isHouseMessage() ${good ? "accepts" : "rejects"} ${text}`, () => {
    equal(isHouseMessage(text), good);
  });
}

const SOURCES = [
  { source: 'throw new CtrError("usage", "Bad flag");', ids: ["house/error-message"] },
  { source: 'throw new CtrError("usage", `Bad ${flag}`);', ids: ["house/error-message"] },
  { source: 'throw new CtrError("usage", ok ? "Cannot read it" : "Bad");', ids: ["house/error-message"] },
  { source: 'throw new CtrError("usage", "Bad " + flag);', ids: ["house/error-message"] },
  { source: 'throw new CtrError("usage", `Cannot read "${path}"`, { hint: "Give a file." });', ids: [] },
  { source: "throw new CtrError(code, message);", ids: [] },
  { source: "Deno.exit(1);", ids: ["house/no-exit"] },
  { source: "Deno.exit(1);", file: "src/main.ts", ids: [] },
  { source: "Deno.exit(1);", file: "src/main_run.ts", ids: [] },
  { source: "Deno.exit(1);", file: "src/main_look.ts", ids: [] },
  { source: "Deno.exit(1);", file: "src/main_watch.ts", ids: [] },
  { source: 'Deno.env.get("HOME");', ids: ["house/no-env"] },
  { source: 'Deno.env.get("HOME");', file: "src/host/x_test.ts", ids: [] },
  { source: 'import { readFileSync } from "node:fs";', ids: ["house/no-node-import"] },
  { source: 'import { readFileSync } from "node:fs";', file: "ffi/x.ts", ids: ["house/no-node-import"] },
  { source: 'import { fileURLToPath } from "node:url";', file: "src/executable/bundle.ts", ids: [] },
  {
    source: 'import process from "node:process";',
    file: "src/executable/caller_env.ts",
    ids: ["house/no-node-import"],
  },
  { source: 'const fs = await import("node:fs");', ids: [] },
  { source: 'import { equal } from "node:assert/strict";', file: "tests/x.ts", ids: [] },
] as const;

for (const { source, ids, ...rest } of SOURCES) {
  const file = "file" in rest ? rest.file : "src/host/x.ts";
  Deno.test(`house rules: ${ids.join() || "nothing"} for ${source} in ${file}`, () => {
    deepEqual(Deno.lint.runPlugin(plugin, `/checkout/${file}`, source).map((found) => found.id), [...ids]);
  });
}
