/** Reads all that is known of a container: `myctr inspect`. */

import { type ContainerSize, readDetails } from "./container_details.ts";
import { containerDirectory, type ContainerState, readSpec } from "./container_state.ts";
import { type ContainerCondition, findContainer, lookAt } from "./containers.ts";
import type { Spec } from "../spec/types.ts";

/** What is known. */
export interface ContainerFacts {
  readonly state: ContainerState;
  readonly condition: ContainerCondition;
  readonly spec: Spec;
  readonly directory: string;
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
  return {
    state,
    condition,
    spec: readSpec(id),
    directory: containerDirectory(id),
    ...(isSized && { size: readDetails(id).size() }),
  };
}
