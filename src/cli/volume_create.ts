/** `myctr volume create`: makes a volume. */

import { CtrError } from "../errors.ts";
import { type Label, parseLabel } from "../spec/parse_name.ts";
import { parseVolumeName } from "../spec/parse_volume.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

const CREATE = {
  path: "myctr volume create",
  description: "Make a volume",
  options: [
    {
      name: "driver",
      long: "--driver",
      short: "-d",
      placeholder: "driver",
      kind: ["local"],
      description: "local, the one that there is",
      parse: parseDriver,
    },
    HELP_OPTION,
    {
      name: "labels",
      long: "--label",
      placeholder: "key[=value]",
      description: "say something about it",
      parse: parseLabel,
      isRepeated: true,
    },
    {
      name: "options",
      long: "--opt",
      short: "-o",
      placeholder: "key=value",
      description: "none is known to the driver local here",
      parse: parseOption,
      isRepeated: true,
    },
  ],
  operands: [{ name: "name", description: "what it is called; a name is made up otherwise" }],
  examples: ["myctr volume create data", "myctr volume create --label tier=db"],
} as const satisfies Declaration;

/** Makes the command. */
export function createVolumeCommand(): Runnable {
  return runnable(CREATE, async ({ operands, options: { labels } }, session) => {
    const given = operands.name === undefined ? undefined : parseVolumeName(operands.name);
    const [{ ensureVolume }, { newId }] = await Promise.all([
      import("../runtime/volumes.ts"),
      import("../runtime/new_id.ts"),
    ]);
    const name = given ?? newId();
    ensureVolume(name, { labels: toRecord(labels), options: {}, isAnonymous: given === undefined });
    session.print(`${name}\n`);
    return 0;
  });
}

function toRecord(labels: readonly Label[]): Readonly<Record<string, string>> {
  return Object.fromEntries(labels.map(({ key, value }) => [key, value]));
}

function parseDriver(text: string): string {
  if (text === "local") return text;
  throw new CtrError("unsupported", `Cannot use driver ${JSON.stringify(text)}: there is only local`, {
    hint: "Leave out --driver",
  });
}

/** Docker's driver mounts by them; here a volume is a directory, and -v takes one of any file system. */
function parseOption(text: string): string {
  throw new CtrError(
    "unsupported",
    `Cannot use option ${JSON.stringify(text)}: a volume is a directory here`,
    {
      hint: "Mount it yourself, and use that directory with -v",
    },
  );
}
