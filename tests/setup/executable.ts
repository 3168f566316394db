/** The myctr that kernel tests run: the built one, at a place that every user can reach. */

import { ROOT } from "../sources.ts";

let prepared: string | undefined;

/**
 * Returns the path of the executable: MYCTR_EXECUTABLE, or a copy of dist/myctr, since the checkout may lie in a directory
 * that only root may enter. The copy is made once for a test module and removed when the module ends.
 */
export function testExecutable(): string {
  return prepared ??= Deno.env.get("MYCTR_EXECUTABLE") ?? copyForEverybody(`${ROOT}dist/myctr`);
}

function copyForEverybody(built: string): string {
  const folder = Deno.makeTempDirSync({ prefix: "myctr-executable-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  try {
    Deno.copyFileSync(built, `${folder}/myctr`);
  } catch (cause) {
    throw new Error("There is no dist/myctr: run deno task build first", { cause });
  }
  Deno.chmodSync(folder, 0o755);
  return `${folder}/myctr`;
}
