/** How a monitor that outlived its myctr starts it again to clean up. */

import { callerEnv, selfCommand } from "../executable/caller_env.ts";
import { stateRoot } from "./state_root.ts";

/** What of the environment a clean-up needs. */
const KEPT = ["HOME", "PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DENO_DIR"] as const;

/** Gives the command line and environment of `myctr __reap ID`. */
export function reapCommand(id: string): { argv: readonly string[]; env: readonly string[] } {
  const env = KEPT.flatMap((name) => {
    const value = callerEnv()[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  // By the variable, not by an option: the first word of the command line chooses the program that starts.
  return { argv: [...selfCommand(), "__reap", id], env: [...env, `MYCTR_ROOT=${stateRoot()}`] };
}
