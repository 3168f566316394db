/** `myctr container prune`: removes containers that do not run. */

import type { PruneFilter } from "../spec/prune_filter.ts";
import { containerDirectory } from "./container_state.ts";
import { measureTree } from "./container_details.ts";
import { isAlive } from "./container_status.ts";
import { removeEnded } from "./container_store.ts";
import { type ContainerSummary, listContainers } from "./containers.ts";
import { emptyTrash } from "./trash.ts";

/** What was removed: whole ids, and the room that their files took, as far as they could be looked at. */
export interface Pruned {
  readonly ids: readonly string[];
  readonly bytes: number;
}

/** Removes the containers that do not run and fit all filters; those of another version of myctr are left alone. */
export function pruneContainers(filters: readonly PruneFilter[]): Pruned {
  const ids: string[] = [];
  let bytes = 0;
  for (const { id } of listContainers({ all: true, onUnreadable: () => {} }).filter(isWanted)) {
    const size = measureTree(containerDirectory(id));
    if (!tryRemove(id, filters)) continue;
    ids.push(id);
    bytes += size;
  }
  emptyTrash();
  return { ids, bytes };

  function isWanted(container: ContainerSummary): boolean {
    return !isAlive(container.status) && filters.every(({ fits }) => fits(container));
  }
}

/** It may have been started, or removed, since it was looked at. */
function tryRemove(id: string, filters: readonly PruneFilter[]): boolean {
  let isRemoved = false;
  removeEnded(id, (state) => {
    isRemoved = state !== undefined && filters.every(({ fits }) => fits(state));
    return !isRemoved;
  });
  return isRemoved;
}
