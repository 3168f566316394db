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
    { name: "hasAllTags", long: "--all-tags", short: "-a", description: "all tags of the repository" },
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
  examples: [
    "myctr pull alpine",
    "myctr pull --quiet localhost:5000/app:1.0",
    "myctr pull --all-tags localhost:5000/app",
  ],
} as const satisfies Declaration;

/** Gives the names of all images of a repository. */
export type ListRemote = (repository: string) => Promise<readonly string[]>;

/** Makes the command; `pull` and `list` are others in tests. */
export function pullCommand(pull: PullImage = pullImage, list: ListRemote = listRemote): Runnable {
  return runnable(PULL, async ({ operands, options }, session) => {
    const { hasAllTags = false, platform, quiet = false } = options;
    for (const image of hasAllTags ? await list(operands.image) : [operands.image]) {
      const { name, digest, isNew } = await pull(
        { image, ...(platform !== undefined && { platform }) },
        { isQuiet: quiet },
      );
      if (!quiet) {
        session.warn(`Digest: ${digest}\n`);
        session.warn(`Status: ${isNew ? "Downloaded newer image" : "Image is up to date"} for ${image}\n`);
      }
      session.print(`${name}\n`);
    }
    return 0;
  });
}

async function listRemote(repository: string): Promise<readonly string[]> {
  return await (await import("../runtime/remote_tags.ts")).listRemoteImages(repository);
}

async function pullImage(...[request, { isQuiet }]: Parameters<PullImage>): Promise<Pulled> {
  const [{ pullImage }, { standardView, Transfers }] = await Promise.all([
    import("../runtime/pull.ts"),
    import("../runtime/transfers.ts"),
  ]);
  return await pullImage(request, new Transfers(standardView(isQuiet)));
}
