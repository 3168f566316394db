/** Where blobs are that are being pushed to a registry of this store, and what is left of them. */

import { tryLock } from "../../../ffi/descriptor.ts";
import { openPath } from "../../../ffi/file.ts";
import { O } from "../../../ffi/machine.ts";
import type { ImageStore } from "../../image/store.ts";

/** The directory that has one for each process. */
export function uploadsOf(store: ImageStore): string {
  return `${store.root}/uploads`;
}

/** Removes what processes that are gone have left, for one who has the store alone. */
export function sweepUploads(store: ImageStore): void {
  const directory = uploadsOf(store);
  let names: string[];
  try {
    names = Array.from(Deno.readDirSync(directory), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const name of names) {
    const opened = openPath(`${directory}/${name}`, { flags: O.O_RDONLY | O.O_DIRECTORY });
    if (!opened.ok) continue;
    using lock = opened.value;
    if (tryLock(lock.number, "exclusive").ok) Deno.removeSync(`${directory}/${name}`, { recursive: true });
  }
}
