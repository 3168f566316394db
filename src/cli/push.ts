/** `myctr push`: brings an image into a registry. */

import type { Pushed, PushRequest } from "../runtime/push.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Pushes an image, or all tags of a repository; progress is told of where it is not quiet. */
export type PushImages = (
  request: PushRequest,
  options: { readonly isQuiet: boolean },
) => Promise<readonly Pushed[]>;

const PUSH = {
  path: "myctr push",
  description: "Bring an image into a registry",
  options: [
    { name: "hasAllTags", long: "--all-tags", short: "-a", description: "all tags of the repository" },
    HELP_OPTION,
    { name: "quiet", long: "--quiet", short: "-q", description: "print its name alone" },
  ],
  operands: [{ name: "image", isRequired: true, kind: "image", description: "REGISTRY/NAME[:TAG]" }],
  examples: ["myctr tag app localhost:5000/app:1.0", "myctr push localhost:5000/app:1.0"],
} as const satisfies Declaration;

/** Makes the command; `push` is another one in tests. */
export function pushCommand(push: PushImages = pushImages): Runnable {
  return runnable(
    PUSH,
    async ({ operands: { image }, options: { hasAllTags = false, quiet = false } }, session) => {
      const pushed = await push({ image, hasAllTags }, { isQuiet: quiet });
      for (const { name, tag, digest, size } of pushed) {
        session.print(quiet ? `${name}\n` : `${tag}: digest: ${digest} size: ${size}\n`);
      }
      return 0;
    },
  );
}

async function pushImages(...[request, { isQuiet }]: Parameters<PushImages>): Promise<readonly Pushed[]> {
  const [{ pushImages }, { standardView, Transfers }] = await Promise.all([
    import("../runtime/push.ts"),
    import("../runtime/transfers.ts"),
  ]);
  return await pushImages(request, new Transfers(standardView(isQuiet)));
}
