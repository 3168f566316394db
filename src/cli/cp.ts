/** `myctr cp`: copies files out of a container, or into it. */

import { CtrError } from "../errors.ts";
import type { CopyOptions } from "../runtime/copy.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** A path, of this machine or of a container. */
export interface CopyPlace {
  readonly container?: string;
  readonly path: string;
}

/** Copies from one place to the other. */
export type Copy = (from: CopyPlace, to: CopyPlace, options: CopyOptions) => Promise<void>;

const CP = {
  path: "myctr cp",
  description: "Copy files out of a container, or into it",
  usage: ["[options] <container:path> <path|->", "[options] <path|-> <container:path>"],
  options: [
    {
      name: "archive",
      long: "--archive",
      short: "-a",
      description: "keep owners; else they are yours, or root's inside",
    },
    { name: "followLink", long: "--follow-link", short: "-L", description: "copy what a link leads to" },
    HELP_OPTION,
    { name: "quiet", long: "--quiet", short: "-q", description: "print nothing, as without it" },
  ],
  operands: [
    {
      name: "from",
      isRequired: true,
      kind: "volume",
      description: "CONTAINER:PATH, a path, or - for an archive",
    },
    {
      name: "to",
      isRequired: true,
      kind: "volume",
      description: "the same; one of the two is of a container",
    },
  ],
  examples: [
    "myctr cp web:/etc/nginx ./conf",
    "myctr cp ./site/. web:/srv",
    "myctr cp web:/var/log - > log.tar",
  ],
} as const satisfies Declaration;

/** Makes the command; `copy` is another one in tests. */
export function cpCommand(copy: Copy = copyFiles): Runnable {
  return runnable(CP, async ({ operands, options: { archive = false, followLink = false } }) => {
    const [from, to] = [parsePlace(operands.from), parsePlace(operands.to)];
    if ((from.container === undefined) === (to.container === undefined)) {
      const why = from.container === undefined
        ? "neither place is in a container"
        : "both places are in containers";
      throw new CtrError("usage", `Cannot copy: ${why}`, {
        hint:
          "Write CONTAINER:PATH for one of the two; a path of this machine with a colon begins with ./ or /",
      });
    }
    await copy(from, to, { hasOwners: archive, followed: followLink });
    return 0;
  });
}

/** As docker: what begins with `/` or `.` is of this machine. */
function parsePlace(text: string): CopyPlace {
  const [, container, path] = /^([^/.:][^:/]*):(.*)$/s.exec(text) ?? [];
  if (container === undefined || path === undefined) {
    if (text === "") {
      throw new CtrError("usage", "Cannot copy: a path is empty", { hint: "Write . for this directory" });
    }
    return { path: text };
  }
  if (path === "") {
    throw new CtrError("usage", `Cannot copy ${JSON.stringify(text)}: its path is empty`, {
      hint: `Write ${container}:/ for all of it`,
    });
  }
  return { container, path };
}

async function copyFiles(from: CopyPlace, to: CopyPlace, options: CopyOptions): Promise<void> {
  const { copyIn, copyOut } = await import("../runtime/copy.ts");
  if (from.container !== undefined) {
    return await copyOut({ container: from.container, path: from.path, to: to.path }, options);
  }
  await copyIn({ from: from.path, container: to.container!, path: to.path }, options);
}
