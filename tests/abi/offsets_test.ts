import { deepEqual, ok } from "node:assert/strict";
import { STATX_OFFSETS } from "../../ffi/file.ts";
import * as structs from "../../ffi/layout/structs.ts";
import { posixSpawnattr, ROOM } from "../../ffi/spawn.ts";
import { requires } from "../setup/requirements.ts";
import { linesOf } from "./compiler.ts";
import { PINNED, type Pinned } from "./offsets.ts";

/** Structs whose name in C is the C library's for something else. */
const NAMES_IN_PROBE: Readonly<Record<string, string>> = { sigaction: "kernel_sigaction" };

for (const { name, size, offsets } of Object.values(structs)) {
  Deno.test(`struct ${name} lies as the compiler lays it`, () => {
    const pinned: Pinned | undefined = PINNED[NAMES_IN_PROBE[name] ?? name];
    deepEqual({ size, offsets }, pinned);
  });
}

Deno.test("the offsets in struct statx are the compiler's", () => {
  const { sizeof, ...offsets } = STATX_OFFSETS;
  deepEqual({ size: sizeof, offsets }, PINNED.statx);
});

Deno.test("posix_spawnattr_t lies as the C library's header has it, and both fit their room", () => {
  const { __pad: _, ...offsets } = posixSpawnattr.offsets;
  deepEqual({ size: posixSpawnattr.size, offsets }, PINNED.posix_spawnattr_t);
  ok(PINNED.posix_spawn_file_actions_t!.size <= ROOM && posixSpawnattr.size <= ROOM);
});

Deno.test({
  ...requires("probe.c prints the pinned table again", "gcc"),
  fn() {
    const pinned = Object.entries(PINNED).flatMap(([name, { size, offsets }]) => [
      `${name} ${size}`,
      ...Object.entries(offsets).map(([field, at]) => `${name}.${field} ${at}`),
    ]);
    deepEqual(linesOf("gcc", new URL("./probe.c", import.meta.url).pathname), pinned);
  },
});
