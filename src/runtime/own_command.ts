/** How myctr starts itself once more, for work of its own. */

import { callerEnv, selfCommand } from "../executable/caller_env.ts";
import { stateRoot } from "./state_root.ts";

/** What of the environment such work needs. */
const KEPT = ["HOME", "PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DENO_DIR"] as const;

/** Gives the command line and the whole environment of this myctr with those words, such as `__reap ID`. */
export function ownCommand(...words: readonly string[]): { argv: readonly string[]; env: readonly string[] } {
  const env = KEPT.flatMap((name) => {
    const value = callerEnv()[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  // By the variable, not by an option: the first word of the command line chooses the program that starts.
  return { argv: [...selfCommand(), ...words], env: [...env, `MYCTR_ROOT=${stateRoot()}`] };
}
