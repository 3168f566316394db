/** `myctr diff`: what a container has changed. */

import type { Change } from "../runtime/files_worker.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { visible } from "./visible.ts";

/** Lists what a container has changed, by path. */
export type ListChanges = (container: string) => Promise<readonly Change[]>;

const DIFF = {
  path: "myctr diff",
  description: "List the files that a container has added (A), changed (C) or deleted (D)",
  options: [HELP_OPTION],
  operands: [{ name: "container", isRequired: true, kind: "container", description: "its name or id" }],
  examples: ["myctr diff web"],
} as const satisfies Declaration;

/** Makes the command; `list` is another one in tests. */
export function diffCommand(list: ListChanges = listChanges): Runnable {
  return runnable(DIFF, async ({ operands: { container } }, session) => {
    const changes = await list(container);
    session.print(changes.map(({ kind, path }) => `${kind} ${visible(path)}\n`).join(""));
    return 0;
  });
}

async function listChanges(container: string): Promise<readonly Change[]> {
  return await (await import("../runtime/changes.ts")).listChanges(container);
}
