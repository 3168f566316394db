/** `myctr completion`: prints the script by which a shell completes myctr's command lines. */

import { HELP_OPTION, type Runnable, runnable } from "./command.ts";
import { completionNodes } from "./completion_table.ts";
import type { Declaration } from "./declaration.ts";
import { PROGRAM } from "./program.ts";
import { CtrError } from "../errors.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

const COMPLETION = {
  path: "myctr completion",
  description: "Print the script that completes command lines in a shell",
  options: [HELP_OPTION],
  operands: [{ name: "shell", isRequired: true, kind: SHELLS, description: "bash, zsh or fish" }],
  examples: [
    "myctr completion bash    Source it: . <(myctr completion bash)",
    "myctr completion zsh     Keep it as _myctr in a directory of fpath",
    "myctr completion fish    Keep it as ~/.config/fish/completions/myctr.fish",
  ],
} as const satisfies Declaration;

/** Makes the command. */
export function completionCommand(): Runnable {
  return runnable(COMPLETION, async ({ operands: { shell } }, session) => {
    session.print(await renderCompletion(shell));
    return 0;
  });
}

/**
 * Renders the script of a shell; only that shell's part is loaded.
 *
 * @throws {CtrError} code "usage" for another shell
 */
export async function renderCompletion(shell: string): Promise<string> {
  const nodes = await completionNodes(PROGRAM);
  switch (shell) {
    case "bash":
      return (await import("./completion_bash.ts")).renderBash(nodes);
    case "zsh":
      return (await import("./completion_zsh.ts")).renderZsh(nodes);
    case "fish":
      return (await import("./completion_fish.ts")).renderFish(nodes);
    default:
      throw new CtrError("usage", `Cannot complete in ${JSON.stringify(shell)}: the shell is not known`, {
        hint: `Write one of ${SHELLS.join(", ")}`,
      });
  }
}
