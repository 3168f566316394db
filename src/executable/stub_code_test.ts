/**
 * The committed machine code is that of stub.c. The hash shows that nobody changed the source and forgot to compile. Where
 * the same gcc is installed, the bytes are compared; another version makes other bytes, and then only executable_test.ts
 * speaks for them.
 */

import { equal } from "node:assert/strict";
import { compileStub, gccVersion, hashStubSource } from "./compile_stub.ts";
import { STUB_CODE, STUB_COMPILER, STUB_SOURCE_HASH } from "./stub_code.ts";

Deno.test("stub_code.ts was made of this stub.c: else run deno task stub", async () => {
  equal(STUB_SOURCE_HASH, await hashStubSource());
});

const hasCompiler = await hasSameCompiler();

Deno.test({
  name: `stub_code.ts is what ${STUB_COMPILER} makes of stub.c${hasCompiler ? "" : " (needs that version)"}`,
  ignore: !hasCompiler,
  async fn() {
    equal((await compileStub()).code.toHex(), STUB_CODE);
  },
});

async function hasSameCompiler(): Promise<boolean> {
  try {
    return await gccVersion() === STUB_COMPILER;
  } catch {
    return false;
  }
}
