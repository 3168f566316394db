/** `myctr commit`: an image of what a container has written, on top of its own image. */

import { CtrError } from "../errors.ts";
import type { CommitRequest } from "../runtime/changes.ts";
import { joinChanges, parseChange } from "../spec/parse_change.ts";
import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import type { Declaration } from "./declaration.ts";

/** Makes an image; gives its id. The name is as typed. */
export type Commit = (request: CommitRequest) => Promise<string>;

const COMMIT = {
  path: "myctr commit",
  description: "Make an image of what a container has written",
  options: [
    { name: "author", long: "--author", short: "-a", placeholder: "text", description: "who made it" },
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
    {
      name: "pause",
      long: "--pause",
      short: "-p",
      placeholder: "bool",
      kind: ["true", "false"],
      description: "let its processes stand still meanwhile: true (default)",
      parse: parsePause,
    },
  ],
  operands: [
    { name: "container", isRequired: true, kind: "container", description: "its name or id" },
    { name: "name", kind: "image", description: "what it is called: NAME[:TAG]" },
  ],
  examples: [
    "myctr commit web web:edited",
    "myctr commit --change 'CMD [\"nginx\"]' --message 'with nginx' web nginx",
  ],
} as const satisfies Declaration;

/** Makes the command; `make` is another one in tests. */
export function commitCommand(make: Commit = commitContainer): Runnable {
  return runnable(COMMIT, async ({ operands: { container, name }, options }, session) => {
    const { author, changes, message, pause = true } = options;
    const id = await make({
      container,
      change: joinChanges(changes),
      isPaused: pause,
      ...(name !== undefined && { name }),
      ...(author !== undefined && { author }),
      ...(message !== undefined && { message }),
    });
    session.print(`${id}\n`);
    return 0;
  });
}

function parsePause(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new CtrError("usage", `Cannot use --pause=${text}: it is neither true nor false`, {
    hint: "Write --pause=false",
  });
}

async function commitContainer({ name, ...request }: CommitRequest): Promise<string> {
  const [{ commitContainer }, { targetName }] = await Promise.all([
    import("../runtime/changes.ts"),
    import("../runtime/images.ts"),
  ]);
  return await commitContainer({ ...request, ...(name !== undefined && { name: targetName(name) }) });
}
