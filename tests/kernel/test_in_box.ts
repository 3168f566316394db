/** Tests of one matter, each in a box of its own. */

import { equal } from "node:assert/strict";
import type { NeedName } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, type BoxUser, openBox } from "./box.ts";

/** Gives what declares a test: its containers are removed behind it, so that its own error is the one that is seen. */
export function testerFor(
  what: string,
  { user, needs }: { readonly user: BoxUser; readonly needs: readonly NeedName[] },
): (name: string, fn: (box: Box) => Promise<void>) => void {
  return (name, fn) =>
    Deno.test({
      ...requires(`${what}: ${name}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        try {
          await fn(box);
        } finally {
          const ids = box.containers().map(({ id }) => id);
          if (ids.length > 0) equal((await box.run("rm", "-f", ...ids)).code, 0);
        }
      },
    });
}
