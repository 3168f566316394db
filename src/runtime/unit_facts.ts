/** What a unit of systemd has of a container and of this myctr. */

import { selfCommand } from "../executable/caller_env.ts";
import { CtrError } from "../errors.ts";
import { readState } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { stateRoot } from "./state_root.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "./stop.ts";

/** Finds them. @throws {CtrError} code "not_found", or "unsupported" for a container that does not outlive its end */
export function unitFacts(reference: string): {
  readonly name: string;
  readonly image: string;
  readonly myctr: readonly string[];
  readonly stateRoot: string;
  readonly stopSeconds: number;
  readonly isOfSystem: boolean;
} {
  const state = readState(findContainer(reference), reference);
  if (state.isRemovedAtExit) {
    throw new CtrError(
      "unsupported",
      `Cannot make a unit for container "${reference}": it is removed when it ends`,
      { hint: "Make it without --rm" },
    );
  }
  return {
    name: state.name,
    image: state.image,
    myctr: selfCommand(),
    stateRoot: Deno.realPathSync(stateRoot()),
    stopSeconds: state.stopTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    isOfSystem: Deno.uid() === 0,
  };
}
