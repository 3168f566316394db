import { equal } from "node:assert/strict";
import { CLONE } from "./clone.ts";
import { errnoName, errnoText } from "./errno.ts";
import { MS } from "./mount.ts";
import { O, openFlags, renderOpenFlags } from "./open.ts";
import { renderFlags, renderName } from "./render.ts";
import { syscallName } from "./syscalls.ts";

const FLAGS = [
  { table: MS, value: 0, text: "0" },
  { table: MS, value: 0x1201, text: "MS_RDONLY|MS_BIND|0x200" },
  { table: MS, value: MS.MS_PRIVATE | MS.MS_REC, text: "MS_REC|MS_PRIVATE" },
  { table: MS, value: 0x200, text: "0x200" },
  { table: MS, value: 1 << 31, text: "0x80000000" },
  {
    table: CLONE,
    value: CLONE.CLONE_INTO_CGROUP | CLONE.CLONE_NEWUSER | CLONE.CLONE_IO,
    text: "CLONE_NEWUSER|CLONE_IO|CLONE_INTO_CGROUP",
  },
  { table: { A: 3, B: 1, C: 2 }, value: 3, text: "A" },
  { table: { B: 1, A: 3, C: 2 }, value: 2, text: "C" },
] as const;

for (const { table, value, text } of FLAGS) {
  Deno.test(`renderFlags() renders ${value} as ${text}`, () => equal(renderFlags(table, value), text));
}

const OPEN = [
  { flags: 0, text: "O_RDONLY" },
  { flags: O.O_CLOEXEC, text: "O_RDONLY|O_CLOEXEC" },
  { flags: O.O_RDWR | O.O_TMPFILE, text: "O_RDWR|O_TMPFILE" },
  { flags: O.O_WRONLY | O.O_CREAT | O.O_SYNC, text: "O_WRONLY|O_CREAT|O_SYNC" },
] as const;

for (const { flags, text } of OPEN) {
  Deno.test(`renderOpenFlags() renders ${text}`, () => equal(renderOpenFlags(flags), text));
}

Deno.test("renderOpenFlags() knows the bits of aarch64", () => {
  equal(renderOpenFlags(openFlags("aarch64").O_DIRECTORY, "aarch64"), "O_RDONLY|O_DIRECTORY");
});

Deno.test("renderName() falls back to the number", () => {
  equal(renderName({ A: 1 }, 1), "A");
  equal(renderName({ A: 1 }, 7), "7");
});

Deno.test("errnoName() and errnoText() name known and unknown numbers", () => {
  equal(errnoName(13), "EACCES");
  equal(errnoText(13), "Permission denied");
  equal(errnoName(4095), "errno 4095");
  equal(errnoText(4095), "Unknown error 4095");
});

Deno.test("syscallName() is per machine", () => {
  equal(syscallName(0, "x86_64"), "read");
  equal(syscallName(63, "aarch64"), "read");
  equal(syscallName(9999, "x86_64"), "syscall_9999");
});
