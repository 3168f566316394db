/**
 * Work on the files of a container or an image, done by another myctr that has its root at hand and nothing else of it.
 * That one is root over the ids of the files: of this machine where it is root's own state, else of a user namespace.
 */

import { readAt } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";
import type { HostFacts, IdMap } from "../host/host_facts.ts";
import { readIdMap } from "../host/id_map.ts";
import { readKinds } from "../host/read_facts.ts";
import { buildViewPlan, type ViewedSpec, viewSpec } from "../plan/view_plan.ts";
import { ANNOTATION, type RootKind } from "../spec/types.ts";
import type { FilesTask } from "./files_worker.ts";
import { ownCommand } from "./own_command.ts";
import { makeStateRoot } from "./container_store.ts";
import { stateRoot } from "./state_root.ts";
import { bareFacts } from "../plan/own_plan.ts";
import { type OwnHanded, runOwnPlan } from "./user_namespace.ts";
import { noAnswer, readAnswer } from "./worker_answer.ts";

/** A root that can be put together anew: of an image, or of a container that does not run and is held. */
export interface MountedRoot {
  readonly spec: ViewedSpec;
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

/** Of a list of all that a container has changed. */
const MAX_ANSWER = 64 * 1024 * 1024;

const PURPOSE = {
  label: "work on the files of a container",
  reason: "Root over the ids of the files may read and write all of them, below this one descriptor.",
} as const;

/** Pipes in place of this process's standard streams; closed here when they are the other one's. */
export type Streams = Pick<OwnHanded, "stdin" | "stdout">;

/** Has a task done. @throws {CtrError} what the other one says */
export async function workOnFiles<Result>(
  root: MountedRoot | OpenRoot,
  task: FilesTask,
  streams: Streams = {},
): Promise<Result> {
  makeStateRoot();
  using answer = openNameless();
  const words = ["__files", JSON.stringify(task)];
  const handed = { ...streams, exit: answer };
  await ("root" in root ? workOpen(root, words, handed) : workMounted(root, words, handed));
  const bytes = new Uint8Array(MAX_ANSWER);
  const length = unwrap(readAt(answer.number, bytes, 0), "read the answer");
  const [line = ""] = new TextDecoder().decode(bytes.subarray(0, length)).split("\n", 1);
  // Behind it stands the exit status of who wrote it.
  if (line.endsWith("}")) return readAnswer<Result>(line);
  throw noAnswer("work on the files");
}

/** A file of the state root that has lost its name: nothing of it can be left. */
function openNameless(): Fd {
  const path = Deno.makeTempFileSync({ dir: stateRoot(), prefix: ".answer-" });
  const opened = unwrap(openPath(path, { flags: O.O_RDWR }), "open the file for an answer");
  Deno.removeSync(path);
  return opened;
}

async function workMounted(
  { spec, containerDirectory, hostImage }: MountedRoot,
  words: readonly string[],
  handed: OwnHanded,
): Promise<void> {
  const uid = Deno.uid() ?? 0;
  const isRoot = uid === 0;
  const idMap: IdMap = isRoot ? { kind: "host" } : readIdMap(uid, Deno.gid() ?? 0);
  const kinds = readKinds((spec.mounts ?? []).map(({ source }) => source));
  const host: HostFacts = { ...bareFacts(idMap), containerDirectory, hostImage, kinds };
  const source = "mounted";
  const plan = buildViewPlan(viewSpec(spec, { isRoot, source }), host, {
    ...ownCommand(...words),
    ...PURPOSE,
    source,
  });
  await runOwnPlan(idMap, plan, handed);
}

async function workOpen(
  { root, idMap }: OpenRoot,
  words: readonly string[],
  handed: OwnHanded,
): Promise<void> {
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
  await runOwnPlan(idMap, plan, { ...handed, lock: root });
}
