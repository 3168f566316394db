/** `myctr version`: prints which myctr this is. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { VERSION } from "./version_number.ts";

const VERSION_COMMAND = {
  path: "myctr version",
  description: "Print the version of myctr and of what it runs on",
  options: [HELP_OPTION],
  operands: [],
  examples: ["myctr version"],
} as const satisfies Declaration;

/** Makes the command. */
export function versionCommand(): Runnable {
  return runnable(VERSION_COMMAND, (_call, session) => {
    const { os, arch } = Deno.build;
    session.print(`myctr version ${VERSION}, deno ${Deno.version.deno}, ${os} ${arch}\n`);
    return 0;
  });
}
