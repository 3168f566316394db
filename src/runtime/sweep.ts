/** Empties the trash of files that other ids own: containers of an ordinary user leave some. */

import { readIdMap } from "../host/id_map.ts";
import { sweepHere } from "./trash.ts";
import { runInUserNamespace } from "./user_namespace.ts";

/**
 * Removes what is left in the trash by a myctr that is root over the caller's ids. What can't be removed stays for
 * the next command: an unfinished clean-up is no failure of what the user asked for.
 */
export async function sweepTrash(): Promise<void> {
  const idMap = readIdMap(Deno.uid() ?? 0, Deno.gid() ?? 0);
  if (idMap.kind !== "caller") return sweepHere();
  await runInUserNamespace(idMap, ["__sweep"], {
    label: "run myctr's sweep",
    reason: "Root of this namespace may remove what the ids mapped into it own.",
  });
}
