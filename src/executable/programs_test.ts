import { deepEqual, equal, ok } from "node:assert/strict";
import { bundle } from "./bundle.ts";
import { PROGRAMS } from "./programs.ts";

Deno.test("PROGRAMS: no word chooses two programs", () => {
  const words = PROGRAMS.flatMap((program) => program.words);
  deepEqual(words, [...new Set(words)]);
});

Deno.test("PROGRAMS: each has a cache directory of its own, with a plain name", () => {
  const names = PROGRAMS.map(({ name }) => name);
  deepEqual(names, [...new Set(names)]);
  deepEqual(names.filter((name) => !/^[a-z_]{1,32}$/.test(name)), []);
});

Deno.test("PROGRAMS: the last one is all of myctr, for every other command line", () => {
  const last = PROGRAMS.at(-1);
  equal(last?.entry, "src/main.ts");
  deepEqual(last.words, []);
});

/** In bytes: what a start costs goes by the size of its bundle. Only the last one may grow with each command. */
const MOST: Readonly<Record<string, number>> = {
  run: 290_000,
  look: 110_000,
  start: 216_000,
  exec: 170_000,
  short: 132_000,
  watch: 98_000,
};

for (const { name, entry, without = [] } of PROGRAMS.slice(0, -1)) {
  Deno.test(`PROGRAMS: the bundle of ${name} has at most ${MOST[name]} bytes`, async () => {
    const path = (module: string) => new URL(`../../${module}`, import.meta.url).pathname;
    const { code } = await bundle(path(entry), without.map(path));
    ok(code.length <= MOST[name]!, `${code.length} bytes`);
  });
}
