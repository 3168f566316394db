/** `myctr rmi`: removes images. */

import type { Removed } from "../runtime/images.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";
import { reportFailure } from "./each_container.ts";

/** Removes an image, or a name of it; says what was done. */
export type RemoveImage = (
  image: string,
  options: { readonly force: boolean },
) => Promise<readonly Removed[]>;

const RMI = {
  path: "myctr rmi",
  description: "Remove images, or names of them",
  options: [
    {
      name: "force",
      long: "--force",
      short: "-f",
      description: "also one of several names, or that a container is made of",
    },
    HELP_OPTION,
  ],
  operands: [{
    name: "image",
    isRequired: true,
    isVariadic: true,
    kind: "image",
    description: "names, ids, or the first letters of ids",
  }],
  examples: ["myctr rmi alpine", "myctr rmi --force 0123456789ab"],
} as const satisfies Declaration;

/** Makes the command; `remove` is another one in tests. */
export function rmiCommand(remove: RemoveImage = removeImage): Runnable {
  return runnable(RMI, async ({ operands, options: { force = false } }, session) => {
    let exitCode = 0;
    for (const image of operands.image) {
      const failed = await reportFailure(session, async () => {
        for (const done of await remove(image, { force })) {
          session.print("untagged" in done ? `Untagged: ${done.untagged}\n` : `Deleted: ${done.deleted}\n`);
        }
      });
      exitCode ||= failed;
    }
    return exitCode;
  });
}

async function removeImage(image: string, options: { readonly force: boolean }): Promise<readonly Removed[]> {
  return (await import("../runtime/images.ts")).removeImage(image, options);
}
