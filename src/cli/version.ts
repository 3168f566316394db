/** `myctr version`: prints which myctr this is. */

import { command, examples, type Runnable, runnable } from "./command.ts";
import { VERSION } from "./version_number.ts";

/** Makes the command. */
export function versionCommand(): Runnable {
  return runnable({
    command: command("version", "Print the version of myctr and of what it runs on")
      .option("-h, --help", "show this help")
      .addHelpText("after", examples("myctr version")),
    act: (_call, session) => {
      const { os, arch } = Deno.build;
      session.print(`myctr version ${VERSION}, deno ${Deno.version.deno}, ${os} ${arch}\n`);
      return 0;
    },
  });
}
