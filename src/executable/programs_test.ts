import { deepEqual, equal } from "node:assert/strict";
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
