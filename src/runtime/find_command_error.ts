/** Why a command could not be executed: the root tells what the kernel's error leaves open. */

import { errnoName } from "../../ffi/constants/errno.ts";
import type { Fd } from "../../ffi/fd.ts";
import type { CtrError } from "../errors.ts";
import { commandCandidates } from "../plan/command_steps.ts";
import type { Process } from "../spec/types.ts";
import type { Fault } from "./launch.ts";
import { existsInRoot, maybeMissingInterpreter } from "./look_at_root.ts";
import { commandError } from "./stop_error.ts";

/** Finds the error to be reported after all attempts have failed. */
export function findCommandError(
  { args, env }: Pick<Process, "args" | "env">,
  root: Fd,
  attempts: readonly Fault[],
): CtrError {
  const found = commandCandidates(args, env).find((path) => existsInRoot(root, path));
  return commandError({
    command: args[0]!,
    errnos: attempts.map(({ errno }) => errnoName(errno)),
    missingInterpreter: found === undefined ? undefined : maybeMissingInterpreter(root, found),
  });
}
