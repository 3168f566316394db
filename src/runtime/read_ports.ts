/** Where the ports of a container are reached now. */

import type { PortBinding } from "../host/host_facts.ts";
import { findContainer, lookAt } from "./containers.ts";

/** Lists them in order; none where it does not run. @throws {CtrError} code "not_found" or "conflict" for the reference */
export function readPorts(reference: string): readonly PortBinding[] {
  return lookAt(findContainer(reference), reference).condition.ports ?? [];
}
