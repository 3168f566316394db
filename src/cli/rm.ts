/** `myctr rm`: removes containers. */

import type { CtrError } from "../errors.ts";
import type { RemoveOptions } from "../runtime/remove.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { CONTAINERS, forEachContainer } from "./each_container.ts";

/** Removes one container. */
export type RemoveContainer = (reference: string, options: RemoveOptions) => Promise<void>;

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
      description: "remove the volumes too that were made for it, and have no name",
    },
  ],
  operands: [CONTAINERS],
  examples: ["myctr rm web", "myctr rm --force web 0123456789ab"],
} as const satisfies Declaration;

/** Makes the command; `remove` is another one in tests. */
export function rmCommand(remove: RemoveContainer = removeContainer): Runnable {
  return runnable(RM, async ({ operands, options: { force = false, volumes = false } }, session) => {
    const isFine = (error: CtrError) => force && error.code === "not_found";
    return await forEachContainer(
      operands.container,
      session,
      (reference) => remove(reference, { force, withVolumes: volumes }),
      isFine,
    );
  });
}

async function removeContainer(reference: string, options: RemoveOptions): Promise<void> {
  const runtime = await import("../runtime/remove.ts");
  runtime.removeContainer(reference, options);
}
