/** `myctr rm`: removes containers. */

import { CtrError } from "../errors.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS } from "./each_container.ts";
import { report } from "./report.ts";
import type { Session } from "./session.ts";

/** Removes one container. */
export type RemoveContainer = (reference: string, options: { readonly force: boolean }) => Promise<void>;

const RM = {
  path: "myctr rm",
  description: "Remove containers",
  options: [
    {
      name: "force",
      long: "--force",
      short: "-f",
      description: "remove a running container too, and do not mind a missing one",
    },
    HELP_OPTION,
    {
      name: "volumes",
      long: "--volumes",
      short: "-v",
      description: "remove volumes without a name too (no container has one yet)",
    },
  ],
  operands: [CONTAINERS],
  examples: ["myctr rm web", "myctr rm --force web 0123456789ab"],
} as const satisfies Declaration;

/** Makes the command; `remove` is another one in tests. */
export function rmCommand(remove: RemoveContainer = removeContainer): Runnable {
  return runnable(RM, async ({ operands, options: { force = false } }, session) => {
    let exitCode = 0;
    for (const reference of operands.container) {
      if (!await removeOne(reference, { force, remove, session })) exitCode = 1;
    }
    return exitCode;
  });
}

interface RemoveContext {
  readonly force: boolean;
  readonly remove: RemoveContainer;
  readonly session: Session;
}

/** Says how it went, as docker does; whether it counts as done is the result. */
async function removeOne(reference: string, { force, remove, session }: RemoveContext): Promise<boolean> {
  try {
    await remove(reference, { force });
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    session.warn(report(error, session).text);
    return force && error.code === "not_found";
  }
  session.print(`${reference}\n`);
  return true;
}

async function removeContainer(reference: string, options: { readonly force: boolean }): Promise<void> {
  const runtime = await import("../runtime/remove.ts");
  runtime.removeContainer(reference, options);
}
