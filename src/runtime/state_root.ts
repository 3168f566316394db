/** Where myctr keeps everything: one directory that lets nobody else in. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";

let chosen: string | undefined;

/** Chooses the state root by `--root`. */
export function setStateRoot(directory: string): void {
  chosen = directory.startsWith("/") ? directory : `${Deno.cwd()}/${directory}`;
}

/**
 * Gives the state root: `--root`, MYCTR_ROOT, else /var/lib/myctr for root and $HOME/.myctr for others.
 *
 * @throws {CtrError} code "usage" where none of them is known
 */
export function stateRoot(): string {
  if (chosen !== undefined) return chosen;
  const named = callerEnv().MYCTR_ROOT;
  if (named) {
    setStateRoot(named);
    return chosen!;
  }
  if (Deno.uid() === 0) return chosen = "/var/lib/myctr";
  const home = callerEnv().HOME;
  if (home?.startsWith("/")) return chosen = `${home}/.myctr`;
  throw new CtrError("usage", "Cannot find the state directory: HOME is not set", {
    hint: "Set HOME or MYCTR_ROOT, or write --root DIR",
  });
}
