/** `myctr system reset`: the state root as it was before the first container. */

import { CtrError } from "../errors.ts";
import { containerEntries } from "./container_store.ts";
import { forceOut } from "./remove.ts";
import { stateRoot } from "./state_root.ts";
import { discard, emptyTrash, trashed } from "./trash.ts";

/** What is in a state root by name; anything else there is not ours. */
const OURS = ["names", "containers", "trash", "events", "events.1", "events.new"] as const;

/**
 * Kills and removes all containers, and what else myctr keeps there; other files stay.
 *
 * @throws {CtrError} code "bad_state" where something could not be removed
 */
export function resetState(): void {
  const root = stateRoot();
  for (const name of containerEntries()) {
    if (name.startsWith(".")) discard(`${root}/containers/${name}`);
    else forceOut(name);
  }
  emptyTrash();
  const left = trashed().length;
  if (left > 0) {
    throw new CtrError("bad_state", `Cannot empty ${root}/trash: ${left} removed containers are left in it`, {
      hint: "Remove it as root: files in it belong to other users",
    });
  }
  for (const name of OURS) tryRemove(`${root}/${name}`);
}

function tryRemove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It was not there, or another command has just begun to use it.
  }
}
