/** `myctr rename`: another name for a container. */

import { parseName } from "../spec/parse_name.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { reportFailure } from "./each_container.ts";

const RENAME = {
  path: "myctr rename",
  description: "Give a container another name",
  options: [HELP_OPTION],
  operands: [
    { name: "container", isRequired: true, kind: "container", description: "its name or id" },
    { name: "name", isRequired: true, description: "the new name" },
  ],
  examples: ["myctr rename web shop"],
} as const satisfies Declaration;

/** Makes the command. */
export function renameCommand(): Runnable {
  return runnable(RENAME, async ({ operands: { container, name } }, session) => {
    const wanted = parseName(name);
    const { renameContainer } = await import("../runtime/rename.ts");
    return await reportFailure(session, () => renameContainer(container, wanted));
  });
}
