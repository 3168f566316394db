/** `myctr version`: prints which myctr this is. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { dockerVersion, type VersionFacts } from "./docker_names.ts";
import { parseFormatOfOne, TEMPLATE_OPTION } from "./output_format.ts";
import { VERSION } from "./version_number.ts";

const VERSION_COMMAND = {
  path: "myctr version",
  description: "Print the version of myctr and of what it runs on",
  options: [TEMPLATE_OPTION, HELP_OPTION],
  operands: [],
  examples: ["myctr version", "myctr version --format {{.version}}"],
} as const satisfies Declaration;

/** Makes the command. */
export function versionCommand(): Runnable {
  return runnable(VERSION_COMMAND, async ({ options: { format } }, session) => {
    const render = await parseFormatOfOne(format);
    const facts: VersionFacts = {
      version: VERSION,
      denoVersion: Deno.version.deno,
      os: Deno.build.os,
      architecture: Deno.build.arch,
    };
    const text = render({
      text: () => `myctr version ${VERSION}, deno ${facts.denoVersion}, ${facts.os} ${facts.architecture}\n`,
      json: () => facts,
      data: () => ({ ...facts, ...dockerVersion(facts) }),
    });
    session.print(text);
    return 0;
  });
}
