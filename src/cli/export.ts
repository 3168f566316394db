/** `myctr export`: all files of a container as an archive. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Writes an archive into a file, or to standard output. */
export type ExportContainer = (container: string, path: string | undefined) => Promise<void>;

const EXPORT = {
  path: "myctr export",
  description: "Write all files of a container into an archive, but for what is mounted there",
  options: [
    HELP_OPTION,
    {
      name: "output",
      long: "--output",
      short: "-o",
      placeholder: "file",
      kind: "file",
      description: "write a file, in place of standard output",
    },
  ],
  operands: [{ name: "container", isRequired: true, kind: "container", description: "its name or id" }],
  examples: ["myctr export --output web.tar web", "myctr export web | myctr import - flat"],
} as const satisfies Declaration;

/** Makes the command; `write` is another one in tests. */
export function exportCommand(write: ExportContainer = exportContainer): Runnable {
  return runnable(EXPORT, async ({ operands: { container }, options: { output } }) => {
    await write(container, output);
    return 0;
  });
}

async function exportContainer(container: string, path: string | undefined): Promise<void> {
  await (await import("../runtime/copy.ts")).exportContainer(container, path);
}
