/** How myctr starts itself once more, for work of its own. */

import { waitPid } from "../../ffi/process.ts";
import { spawn } from "../../ffi/spawn.ts";
import type { OwnCommand } from "../host/host_facts.ts";
import { callerEnv, selfCommand } from "../executable/caller_env.ts";
import { SELF } from "./open_self.ts";
import { stateRoot } from "./state_root.ts";

/** What of the environment such work needs. */
const KEPT = ["HOME", "PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DENO_DIR"] as const;

/** Gives the command line and the whole environment of this myctr with those words, such as `__reap ID`. */
export function ownCommand(...words: readonly string[]): OwnCommand {
  const env = KEPT.flatMap((name) => {
    const value = callerEnv()[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  // By the variable, not by an option: the first word of the command line chooses the program that starts.
  return { argv: [...selfCommand(), ...words], env: [...env, `MYCTR_ROOT=${stateRoot()}`] };
}

/** Runs it to its end, with the streams of this process. */
export function runOwnCommand(...words: readonly string[]): void {
  const started = spawn({ path: SELF, ...ownCommand(...words), descriptors: [] });
  if (started.ok) waitPid(started.value);
}
