/** Works on the files of layers as their owner: as root of this machine, or by a myctr that is root over the ids of /etc/subuid. */

import { readIdMap } from "../host/id_map.ts";
import { imageStore, type LayerRequest } from "./find_image.ts";
import { runInUserNamespace } from "./user_namespace.ts";
import { noAnswer, readAnswer } from "./worker_answer.ts";

/** How the files belong to somebody. */
export interface OwnersOption {
  /** Whether there are no other ids than root's. */
  readonly isAllRoots: boolean;
}

/** What a myctr in a user namespace is asked for. */
export interface LayersTask extends OwnersOption {
  readonly do: "unpack" | "compare";
  readonly requests: readonly LayerRequest[];
}

/** Does a task: by `here`, where this process is root, else by another myctr, which does the same. @throws {CtrError} what it throws */
export async function asRoot<Result>(
  task: Omit<LayersTask, "isAllRoots">,
  here: (requests: LayersTask["requests"], options: OwnersOption) => Promise<Result>,
): Promise<Result> {
  const idMap = readIdMap(Deno.uid() ?? 0, Deno.gid() ?? 0);
  if (idMap.kind === "range") return await here(task.requests, { isAllRoots: false });
  const asked: LayersTask = { ...task, isAllRoots: idMap.kind === "single" };
  const answer = await Deno.makeTempFile({ dir: imageStore().layersDirectory, prefix: ".answer-" });
  try {
    await runInUserNamespace(idMap, ["__layers", answer, JSON.stringify(asked)], {
      label: "work on the layers of an image",
      reason: "Root of this namespace may give files to the ids mapped into it, and read theirs.",
    });
    const line = Deno.readTextFileSync(answer);
    if (line === "") throw noAnswer("work on the layers of the image");
    return readAnswer<Result>(line);
  } finally {
    Deno.removeSync(answer);
  }
}
