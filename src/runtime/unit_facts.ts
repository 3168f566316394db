/** What a unit of systemd has of a container and of this myctr. */

import { selfCommand } from "../executable/caller_env.ts";
import { CtrError } from "../errors.ts";
import type { RestartPolicy } from "../spec/restart_policy.ts";
import { readState } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { stateRoot } from "./state_root.ts";
import { DEFAULT_TIMEOUT_SECONDS } from "./stop.ts";

/** What a unit of systemd is told of them. */
export interface UnitFacts {
  /** Of the container. */
  readonly name: string;
  readonly image: string;
  /** The words that start this myctr. */
  readonly myctr: readonly string[];
  /** Absolute. */
  readonly stateRoot: string;
  /** Seconds that the container has to end; -1 for as long as it takes. */
  readonly stopSeconds: number;
  /** Whether the system's manager runs it, else a user's. */
  readonly isOfSystem: boolean;
}

/** Two who start it again would be in each other's way. */
function alsoRestarted(reference: string, { name }: RestartPolicy): CtrError {
  const policy = name === "on-failure" ? name : "always";
  return new CtrError(
    "unsupported",
    `Cannot make a unit for container "${reference}": it has a restart policy, and systemd would be one more`,
    {
      hint:
        `Write "myctr update --restart no ${reference}", then --restart-policy ${policy} here: systemd does it`,
    },
  );
}

/** Finds them. @throws {CtrError} code "not_found", or "unsupported" for one that does not outlive its end, or is started again */
export function unitFacts(reference: string): UnitFacts {
  const state = readState(findContainer(reference), reference);
  if (state.isRemovedAtExit) {
    throw new CtrError(
      "unsupported",
      `Cannot make a unit for container "${reference}": it is removed when it ends`,
      { hint: "Make it without --rm" },
    );
  }
  if (state.restart !== undefined) throw alsoRestarted(reference, state.restart.policy);
  return {
    name: state.name,
    image: state.image,
    myctr: selfCommand(),
    stateRoot: Deno.realPathSync(stateRoot()),
    stopSeconds: state.stopTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    isOfSystem: Deno.uid() === 0,
  };
}
