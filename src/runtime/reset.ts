/** `myctr system reset`: the state root as it was before the first container. */

import { CtrError } from "../errors.ts";
import { containerEntries } from "./container_store.ts";
import { imageStore } from "./find_image.ts";
import { forceOut } from "./remove.ts";
import { stateRoot } from "./state_root.ts";
import { discard, emptyTrash, trashed } from "./trash.ts";

/** What is in a state root by name; anything else there is not ours. */
const OURS = [
  "names",
  "containers",
  "trash",
  "events",
  "events.1",
  "events.new",
  "blobs",
  "index.json",
  "oci-layout",
  "images.lock",
] as const;

/** Directories whose files may belong to other ids. */
const OF_OTHER_IDS = ["layers", "volumes", "uploads"] as const;

/**
 * Kills and removes all containers, images and volumes, and what else myctr keeps there; other files stay.
 *
 * @throws {CtrError} code "bad_state" where something could not be removed
 */
export function resetState(): void {
  const root = stateRoot();
  for (const name of containerEntries()) {
    if (name.startsWith(".")) discard(`${root}/containers/${name}`);
    else forceOut(name);
  }
  // Nobody adds an image meanwhile, or thinks that one is there.
  using _held = imageStore().hold("exclusive");
  for (const name of OF_OTHER_IDS) discard(`${root}/${name}`);
  emptyTrash();
  const left = trashed().length;
  if (left > 0) {
    throw new CtrError(
      "bad_state",
      `Cannot empty ${root}/trash: ${left} removed directories are left in it`,
      {
        hint: "Remove it as root: files in it belong to other users",
      },
    );
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
