/** `myctr import`: an image of the files of a root directory. */

import type { ConfigChange, ImportRequest } from "../runtime/add_images.ts";
import { joinChanges, parseChange } from "../spec/parse_change.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Makes an image of an archive; gives its id. */
export type ImportImage = (
  path: string,
  request: Omit<ImportRequest, "name"> & { readonly name?: string },
) => Promise<string>;

const IMPORT = {
  path: "myctr import",
  description: "Make an image of an archive of a root directory",
  options: [
    {
      name: "changes",
      long: "--change",
      short: "-c",
      placeholder: "instruction",
      description: "set what a container starts with: 'CMD [\"sh\"]', ENV A=b, ...",
      parse: parseChange,
      isRepeated: true,
    },
    HELP_OPTION,
    { name: "message", long: "--message", short: "-m", placeholder: "text", description: "say what it is" },
  ],
  operands: [
    {
      name: "archive",
      isRequired: true,
      kind: "file",
      description: "tar, also compressed; - is standard input",
    },
    { name: "name", kind: "image", description: "what it is called: NAME[:TAG]" },
  ],
  examples: [
    "myctr import alpine-minirootfs.tar.gz alpine",
    "tar -C root -c . | myctr import --change 'CMD [\"sh\"]' - mine",
  ],
} as const satisfies Declaration;

/** Makes the command; `make` is another one in tests. */
export function importCommand(make: ImportImage = importImage): Runnable {
  return runnable(IMPORT, async ({ operands: { archive, name }, options: { changes, message } }, session) => {
    const change: ConfigChange = joinChanges(changes);
    const id = await make(archive, {
      change,
      ...(name !== undefined && { name }),
      ...(message !== undefined && { message }),
    });
    session.print(`${id}\n`);
    return 0;
  });
}

async function importImage(
  path: string,
  { name, ...request }: Parameters<ImportImage>[1],
): Promise<string> {
  const [add, { targetName }] = await Promise.all([
    import("../runtime/add_images.ts"),
    import("../runtime/images.ts"),
  ]);
  // A name that can't be is found before the archive is read.
  const full = name === undefined ? undefined : targetName(name);
  return await add.importImage(await add.openArchive(path), {
    ...request,
    ...(full !== undefined && { name: full }),
  });
}
