/** `myctr pull`: gets an image from its registry. */

import type { Pulled, PullRequest } from "../runtime/pull.ts";
import { parsePlatform } from "../image/platform.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Pulls an image; progress is told of where it is not quiet. */
export type PullImage = (request: PullRequest, options: { readonly isQuiet: boolean }) => Promise<Pulled>;

const PULL = {
  path: "myctr pull",
  description: "Get an image from its registry",
  options: [
    HELP_OPTION,
    {
      name: "platform",
      long: "--platform",
      placeholder: "os/arch",
      kind: ["linux/amd64", "linux/arm64"],
      description: "that for another machine, as in linux/arm64",
      parse: parsePlatform,
    },
    { name: "quiet", long: "--quiet", short: "-q", description: "print its name alone" },
  ],
  operands: [{ name: "image", isRequired: true, kind: "image", description: "NAME[:TAG] or NAME@DIGEST" }],
  examples: ["myctr pull alpine", "myctr pull --quiet localhost:5000/app:1.0"],
} as const satisfies Declaration;

/** Makes the command; `pull` is another one in tests. */
export function pullCommand(pull: PullImage = pullImage): Runnable {
  return runnable(PULL, async ({ operands: { image }, options: { platform, quiet = false } }, session) => {
    const { name, digest, isNew } = await pull(
      { image, ...(platform !== undefined && { platform }) },
      { isQuiet: quiet },
    );
    if (!quiet) {
      session.warn(`Digest: ${digest}\n`);
      session.warn(`Status: ${isNew ? "Downloaded newer image" : "Image is up to date"} for ${image}\n`);
    }
    session.print(`${name}\n`);
    return 0;
  });
}

async function pullImage(...[request, { isQuiet }]: Parameters<PullImage>): Promise<Pulled> {
  const [{ pullImage }, { standardView, Transfers }] = await Promise.all([
    import("../runtime/pull.ts"),
    import("../runtime/transfers.ts"),
  ]);
  return await pullImage(request, new Transfers(standardView(isQuiet)));
}
