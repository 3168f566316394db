/** `myctr restart`: a stop, where it runs, and a start. */

import { changeState, maybeReadState } from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { startAgain } from "./start.ts";
import { stopContainer, type StopOptions } from "./stop.ts";

/**
 * Stops a container and starts it in the background; one made with --rm is not removed in between.
 *
 * @throws {CtrError} code "not_found", "conflict", or what the start meets
 */
export async function restartContainer(reference: string, options: StopOptions): Promise<void> {
  const id = findContainer(reference);
  const isRemovedAtExit = maybeReadState(id)?.isRemovedAtExit === true;
  if (isRemovedAtExit) changeState(id, (state) => ({ ...state, isRemovedAtExit: false }));
  await stopContainer(reference, options);
  await startAgain(reference, { isAttached: false, ...(isRemovedAtExit && { isRemovedAtExit }) });
  const state = maybeReadState(id);
  if (state !== undefined) tellEvents([renderEvent(state, "restart")]);
}
