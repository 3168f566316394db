/** Removing is a rename; what is renamed away is emptied at once where that is possible, else by a later command. */

import { isObserved } from "./observe_launch.ts";
import { runOwnCommand } from "./own_command.ts";
import { stateRoot } from "./state_root.ts";

function trashDirectory(): string {
  return `${stateRoot()}/trash`;
}

/** Takes a directory out of sight and empties it. Files of other ids stay in the trash: see {@link emptyTrash}. */
export function discard(directory: string): void {
  const gone = `${trashDirectory()}/${directory.slice(directory.lastIndexOf("/") + 1)}`;
  try {
    Deno.renameSync(directory, gone);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  tryEmpty(gone);
}

/** Removes a tree as far as the caller's rights go; `true` when all of it is gone. */
export function tryEmpty(path: string): boolean {
  try {
    Deno.removeSync(path, { recursive: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
  }
  try {
    openDirectories(path);
    Deno.removeSync(path, { recursive: true });
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/** A dead overlay leaves work/work with mode 000: its owner may open it again. */
function openDirectories(path: string): void {
  Deno.chmodSync(path, 0o700);
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    if (isDirectory) openDirectories(`${path}/${name}`);
  }
}

/**
 * Empties what a clean-up had to leave, if anything: one look at a directory where there is nothing. What other ids own
 * is another myctr's work, as it takes a user namespace: that few commands need it shall cost the others nothing.
 */
export function emptyTrash(): void {
  if (trashed().length === 0) return;
  if (Deno.uid() === 0) return sweepHere();
  runOwnCommand(...isObserved() ? ["--debug"] : [], "__empty");
}

/** `myctr __sweep`: removes all of the trash, with whatever rights this process has. */
export function sweepHere(): void {
  for (const path of trashed()) tryEmpty(path);
}

/** Lists what waits in the trash. */
export function trashed(): string[] {
  try {
    return Array.from(Deno.readDirSync(trashDirectory()), ({ name }) => `${trashDirectory()}/${name}`);
  } catch {
    return [];
  }
}
