/**
 * Work on the files of a container or an image, done by another myctr that has its root at hand and nothing else of it.
 * That one is root over the ids of the files: of this machine where it is root's own state, else of a user namespace.
 */

import type { Fd } from "../../ffi/fd.ts";
import { CtrError, type ErrorCode } from "../errors.ts";
import type { HostFacts, IdMap } from "../host/host_facts.ts";
import { readIdMap } from "../host/id_map.ts";
import { buildViewPlan, viewSpec } from "../plan/view_plan.ts";
import { ANNOTATION, type RootKind, type Spec } from "../spec/types.ts";
import type { FilesTask } from "./files_worker.ts";
import { ownCommand } from "./own_command.ts";
import { makeStateRoot } from "./container_store.ts";
import { stateRoot } from "./state_root.ts";
import { bareFacts, runOwnPlan } from "./user_namespace.ts";

/** A root that can be put together anew: of an image, or of a container that does not run and is held. */
export interface MountedRoot {
  readonly spec: Pick<Spec, "root" | "annotations">;
  /** Absolute; holds the container's own layer. */
  readonly containerDirectory: string;
  /** Where it is a view of this machine. */
  readonly hostImage?: HostFacts["hostImage"];
}

/** The root of a container that runs, open, with the ids of its files. */
export interface OpenRoot {
  readonly root: Fd;
  readonly idMap: IdMap;
}

/** The root of an image, with what is written to it in memory. */
export function imageRoot(layersDirectory: string, layers: readonly string[]): MountedRoot {
  const kind: RootKind = "overlay-tmpfs";
  return {
    spec: {
      root: { path: layersDirectory, readonly: false },
      annotations: { [ANNOTATION.root]: kind, [ANNOTATION.layers]: layers.join(":") },
    },
    containerDirectory: "/",
  };
}

const PURPOSE = {
  label: "work on the files of a container",
  reason: "Root over the ids of the files may read and write all of them, below this one descriptor.",
} as const;

/** Has a task done. What it writes to standard output is this process's. @throws {CtrError} what the other one says */
export async function workOnFiles<Result>(root: MountedRoot | OpenRoot, task: FilesTask): Promise<Result> {
  makeStateRoot();
  const answer = await Deno.makeTempFile({ dir: stateRoot(), prefix: ".answer-" });
  try {
    const words = ["__files", answer, JSON.stringify(task)];
    await ("root" in root ? workOpen(root, words) : workMounted(root, words));
    const text = Deno.readTextFileSync(answer);
    if (text !== "") return parseAnswer<Result>(text);
    throw new CtrError("syscall", "Cannot work on the files: the process that does it was killed", {
      hint: "Look for the kernel's out-of-memory killer in dmesg, then try again",
    });
  } finally {
    Deno.removeSync(answer);
  }
}

async function workMounted(
  { spec, containerDirectory, hostImage }: MountedRoot,
  words: readonly string[],
): Promise<void> {
  const uid = Deno.uid() ?? 0;
  const isRoot = uid === 0;
  const idMap: IdMap = isRoot ? { kind: "host" } : readIdMap(uid, Deno.gid() ?? 0);
  const host: HostFacts = { ...bareFacts(idMap), containerDirectory, hostImage };
  const source = "mounted";
  const plan = buildViewPlan(viewSpec(spec, { isRoot, source }), host, {
    ...ownCommand(...words),
    ...PURPOSE,
    source,
  });
  await runOwnPlan(idMap, plan);
}

async function workOpen({ root, idMap }: OpenRoot, words: readonly string[]): Promise<void> {
  const source = "handed";
  const isRoot = idMap.kind === "host";
  const spec = { root: { path: "/", readonly: false }, annotations: {} };
  // Its mounts are there, and shifted: there is nothing to shift again.
  const facts = bareFacts(idMap.kind === "range" ? { ...idMap, kind: "caller" } : idMap);
  const plan = buildViewPlan(viewSpec(spec, { isRoot, source }), facts, {
    ...ownCommand(...words),
    ...PURPOSE,
    source,
  });
  await runOwnPlan(idMap, plan, root);
}

interface Told {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

function parseAnswer<Result>(text: string): Result {
  const { result, error } = JSON.parse(text) as { result?: Result; error?: Told };
  if (error === undefined) return result as Result;
  throw new CtrError(error.code, error.message, { hint: error.hint });
}
