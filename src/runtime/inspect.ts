/** Reads all that is known of a container: `myctr inspect`. */

import { type ContainerSize, readDetails } from "./container_details.ts";
import { containerDirectory, type ContainerState, removed } from "./container_state.ts";
import { type ContainerCondition, findContainer, lookAt } from "./containers.ts";
import { readHealth } from "./health_state.ts";
import type { Health } from "../spec/healthcheck.ts";
import type { Spec } from "../spec/types.ts";

/** What is known. */
export interface ContainerFacts {
  readonly state: ContainerState;
  readonly condition: ContainerCondition;
  readonly spec: Spec;
  readonly directory: string;
  /** Of one with a health check: as it is, or was last. */
  readonly health?: Health;
  /** Where it was asked for. */
  readonly size?: ContainerSize;
}

/**
 * Reads it.
 *
 * @throws {CtrError} code "not_found" or "conflict" for the reference, "unsupported" for a state of another version
 */
export function inspectContainer(
  reference: string,
  { isSized }: { readonly isSized: boolean },
): ContainerFacts {
  const id = findContainer(reference);
  const { state, condition } = lookAt(id, reference);
  const { spec: readSpec, size } = readDetails(id);
  const spec = readSpec();
  if (spec === undefined) throw removed(reference);
  return {
    state,
    condition,
    spec,
    directory: containerDirectory(id),
    ...(state.hasHealthCheck && { health: readHealth(id) }),
    ...(isSized && { size: size() }),
  };
}
