/** Layers whose directory belongs to another id: that can be given another name, but no other parent. @see rename(2) */

import { runOwnCommand } from "./own_command.ts";
import { stateRoot } from "./state_root.ts";
import { discard, tryEmpty } from "./trash.ts";

const GONE = ".gone-";

/** As discard() of trash.ts; what could not be moved to the trash is emptied by another myctr, which has all ids. */
export function discardOfAnyOwner(directory: string): void {
  try {
    discard(directory);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    const slash = directory.lastIndexOf("/") + 1;
    Deno.renameSync(directory, `${directory.slice(0, slash)}${GONE}${directory.slice(slash)}`);
    runOwnCommand("__empty");
  }
}

/** Removes all of them, with the rights that this process has. */
export function emptyGoneLayers(): void {
  const layers = `${stateRoot()}/layers`;
  try {
    for (const { name } of Deno.readDirSync(layers)) if (name.startsWith(GONE)) tryEmpty(`${layers}/${name}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
