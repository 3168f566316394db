/** Works on the files of layers as their owner: as root of this machine, or by a myctr that is root over the ids of /etc/subuid. */

import { CtrError, type ErrorCode } from "../errors.ts";
import { readIdMap } from "../host/id_map.ts";
import { imageStore, type LayerRequest } from "./find_image.ts";
import { runInUserNamespace } from "./user_namespace.ts";

/** What a myctr in a user namespace is asked for. */
export interface LayersTask {
  readonly do: "unpack" | "compare";
  readonly requests: readonly LayerRequest[];
  /** Whether there are no other ids than root's. */
  readonly isAllRoots: boolean;
}

/** What it answers with, in a file. */
export type LayersAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } };

/** Does it here, where this process is root, else there. @throws {CtrError} what it throws */
export async function asRoot<T>(
  here: (isAllRoots: boolean) => Promise<T>,
  there: (isAllRoots: boolean) => LayersTask,
): Promise<T> {
  const idMap = readIdMap(Deno.uid() ?? 0, Deno.gid() ?? 0);
  if (idMap.kind === "range") return await here(false);
  const store = imageStore();
  const answer = await Deno.makeTempFile({ dir: store.layersDirectory, prefix: ".answer-" });
  try {
    await runInUserNamespace(idMap, ["__layers", answer, JSON.stringify(there(idMap.kind === "single"))], {
      label: "work on the layers of an image",
      reason: "Root of this namespace may give files to the ids mapped into it, and read theirs.",
    });
    return parseAnswer(Deno.readTextFileSync(answer)) as T;
  } finally {
    Deno.removeSync(answer);
  }
}

function parseAnswer(text: string): unknown {
  if (text === "") {
    throw new CtrError(
      "syscall",
      "Cannot work on the layers of the image: the process that does it was killed",
      {
        hint: "Look for the kernel's out-of-memory killer in dmesg, then try again",
      },
    );
  }
  const answer = JSON.parse(text) as LayersAnswer;
  if ("result" in answer) return answer.result;
  const { code, message, hint } = answer.error;
  throw new CtrError(code, message, { hint });
}
