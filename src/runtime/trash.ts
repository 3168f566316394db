/** Removing is a rename; what is renamed away is emptied at once where that is possible, else by a later command. */

import { stateRoot } from "./state_root.ts";

function trashDirectory(): string {
  return `${stateRoot()}/trash`;
}

/** Takes a directory out of sight and empties it. Files of other ids stay in the trash: see {@link hasTrash}. */
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

/** Empties what an earlier clean-up had to leave, if anything: one look at a directory where there is nothing. */
export async function emptyTrash(): Promise<void> {
  if (trashed().length > 0) await (await import("./sweep.ts")).sweepTrash();
}

/** Lists what waits in the trash. */
export function trashed(): string[] {
  try {
    return Array.from(Deno.readDirSync(trashDirectory()), ({ name }) => `${trashDirectory()}/${name}`);
  } catch {
    return [];
  }
}
