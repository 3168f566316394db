/** What the tests of `myctr exec` share: a container to join. */

import { equal } from "node:assert/strict";
import type { Box } from "./box.ts";

/** Starts a container called `c`; it is removed when the test is over. */
export async function startIn(box: Box, ...flags: readonly string[]): Promise<AsyncDisposable> {
  const ran = await box.run("run", "-d", "--name", "c", ...flags, "--rootfs", box.rootfs, "sleep", "1000");
  equal(ran.code, 0, ran.stderr);
  return {
    async [Symbol.asyncDispose]() {
      await box.run("rm", "-f", "c");
    },
  };
}
