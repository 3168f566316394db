/** `myctr rename`: another name for a container, also while it runs. */

import { CtrError } from "../errors.ts";
import { containerDirectory, maybeTakeTurn, readState, writeState } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { dropName, takeName } from "./names.ts";

/**
 * Gives a container another name. The new one is taken first: whoever is killed in between leaves a container that has
 * a name in either case, and the other one is free again after some seconds.
 *
 * @throws {CtrError} code "not_found", or "conflict" where a container has the name
 */
export function renameContainer(reference: string, name: string): void {
  const id = findContainer(reference);
  using _turn = maybeTakeTurn(id);
  const state = readState(id, reference);
  if (state.name === name) {
    throw new CtrError("conflict", `Cannot rename container "${reference}": that is its name`, {
      hint: "Choose another name",
    });
  }
  takeName(id, name);
  const renamed = { ...state, name };
  writeState(containerDirectory(id), renamed);
  dropName(state.name, id);
  tellEvents([renderEvent(renamed, "rename", { oldName: state.name })]);
}
