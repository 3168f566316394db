/** The constants of seccomp and BPF are those of the kernel's headers. */

import { equal } from "node:assert/strict";
import * as seccomp from "../../ffi/constants/seccomp.ts";
import { compile } from "../abi/compiler.ts";
import { requires } from "../setup/requirements.ts";

const { BPF, BPF_MAXINSNS, SECCOMP_RET, SECCOMP_RET_MASK, AUDIT_ARCH, SECCOMP_DATA, SOCK_FILTER_SIZE } =
  seccomp;

const ROWS: readonly (readonly [expression: string, value: number])[] = [
  ...Object.entries({ ...BPF, ...SECCOMP_RET, ...SECCOMP_RET_MASK, ...AUDIT_ARCH, BPF_MAXINSNS }),
  ...Object.entries(SECCOMP_DATA).map(([field, offset]) =>
    [`__builtin_offsetof(struct seccomp_data, ${field})`, offset] as const
  ),
  ["sizeof(struct sock_filter)", SOCK_FILTER_SIZE],
];

function failures(rows: typeof ROWS, extra = ""): string {
  const folder = Deno.makeTempDirSync();
  try {
    const lines = rows.map(([expression, value]) =>
      `_Static_assert((unsigned)(${expression}) == ${value}u, "differs: ${expression}");`
    );
    const includes = ["filter", "seccomp", "audit"].map((each) => `#include <linux/${each}.h>`);
    Deno.writeTextFileSync(`${folder}/a.c`, [...includes, extra, ...lines, ""].join("\n"));
    return compile("gcc", ["-fsyntax-only", `${folder}/a.c`]).messages;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test({
  ...requires("the constants of seccomp are those of the headers", "gcc"),
  fn() {
    equal(failures(ROWS), "");
  },
});

Deno.test({
  ...requires("the bit of x32 is the header's", "gcc"),
  ignore: Deno.build.arch !== "x86_64",
  fn() {
    equal(failures([["__X32_SYSCALL_BIT", seccomp.X32_SYSCALL_BIT]], "#include <asm/unistd.h>"), "");
  },
});
