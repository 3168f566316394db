/** `myctr run` and `myctr create`: make a container, and start it. */

import type { RunRequest } from "../spec/request.ts";
import { ANNOTATION } from "../spec/types.ts";
import { type ContainerState, VERSION, writeState } from "./container_state.ts";
import { createContainer, discardVolumes, furnish } from "./container_store.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { reap } from "./reap.ts";
import { firstRestart } from "./restart_state.ts";
import { RunFiles } from "./run_files.ts";
import { followContainer, type RunEnd, type Startable, startContainer, warn } from "./start_container.ts";

/**
 * Runs a container to its end; `onRunning` takes its id when it runs.
 *
 * @throws {CtrError} when it does not come to run; nothing of it is left then
 */
export async function run(request: RunRequest, onRunning?: (id: string) => void): Promise<RunEnd> {
  const { tty = false, interactive } = request;
  if (tty) (await import("./keyboard.ts")).refuseNoTerminal({ isTyping: interactive });
  using made = await make(request);
  const { startable, files } = made;
  let end: RunEnd | undefined;
  try {
    end = await followContainer(startable, () => {
      files.keep();
      onRunning?.(startable.state.id);
    });
    return end;
  } finally {
    // Of one that was left to itself, its monitor sees to that.
    if (request.remove && end?.engine !== "left") reap(startable.state.id);
  }
}

/**
 * Runs a container in the background; gives its id.
 *
 * @throws {CtrError} when it does not come to run; nothing of it is left then
 */
export async function runDetached(request: RunRequest): Promise<string> {
  using made = await make(request);
  await startContainer(made.startable);
  made.files.keep();
  return made.startable.state.id;
}

/** Makes a container that can be started later; gives its id. @throws {CtrError} for whatever of the request can't be */
export async function create(request: RunRequest): Promise<string> {
  using made = await make(request);
  const { state, container, prepared } = made.startable;
  furnish(container.directory, prepared);
  prepared.releaseVolumes();
  writeState(container.directory, state);
  tellEvents([renderEvent(state, "create")]);
  made.files.keep();
  return state.id;
}

interface Made extends Disposable {
  readonly startable: Startable;
  readonly files: RunFiles;
}

async function make(request: RunRequest): Promise<Made> {
  const prepared = await prepare(request);
  try {
    return await makeOf(prepared, request);
  } catch (error) {
    discardVolumes(prepared.ownVolumes);
    throw error;
  }
}

async function makeOf(prepared: Prepared, request: RunRequest): Promise<Made> {
  warn(prepared);
  using undo = new DisposableStack();
  const files = undo.use(new RunFiles(request, prepared.id));
  if (request.replace) await (await import("./remove.ts")).replaceContainer(request.name!);
  const container = undo.use(createContainer(prepared.id, request.name));
  const startable: Startable = {
    prepared,
    container,
    state: firstState(request, prepared, container.name),
    isNew: true,
    asked: request,
    stay: request,
    onPid: (pid) => files.writePid(pid),
  };
  const kept = undo.move();
  return { startable, files, [Symbol.dispose]: () => kept[Symbol.dispose]() };
}

function firstState(
  request: RunRequest,
  { id, spec, labels, ownVolumes }: Prepared,
  name: string,
): ContainerState {
  const { stopTimeoutSeconds } = request;
  const restart = request.restart === undefined ? undefined : firstRestart(request.restart);
  // Its image may name it too.
  const stopSignal = spec.annotations[ANNOTATION.stopSignal];
  return {
    version: VERSION,
    id,
    name,
    image: request.rootfs === undefined ? request.image! : spec.root.path,
    command: spec.process.args,
    createdMs: Date.now(),
    isRemovedAtExit: request.remove,
    labels,
    ...(spec.annotations[ANNOTATION.healthCheck] !== undefined && { hasHealthCheck: true }),
    ...(restart !== undefined && { restart }),
    ...(ownVolumes.length > 0 && { ownVolumes }),
    ...(stopSignal !== undefined && { stopSignal: Number(stopSignal) }),
    ...(stopTimeoutSeconds !== undefined && { stopTimeoutSeconds }),
  };
}
