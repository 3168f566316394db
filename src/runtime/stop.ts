/** `myctr stop` and `myctr kill`: a signal to process 1, and the wait for its end. */

import { ERRNO, errnoName } from "../../ffi/constants/errno.ts";
import { SIG } from "../../ffi/constants/process.ts";
import type { Fd } from "../../ffi/fd.ts";
import { awaitEndAsync, sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { signalName } from "../spec/parse_signal.ts";
import { awaitReleaseAsync } from "./await_release.ts";
import { thaw } from "./cgroup.ts";
import { type ContainerState, maybeReadState, maybeTakeTurn, readState } from "./container_state.ts";
import { isLocked, removeEnded } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { type EventAction, renderEvent, tellEvents } from "./events.ts";
import { isPaused } from "./is_paused.ts";
import { Leftovers } from "./leftovers.ts";
import { type LiveContainer, maybeOpenNow, notRunning } from "./live_container.ts";
import { disarm } from "./restart_state.ts";
import { isInitOfItsOwn, maybeDropped } from "./signal_fate.ts";
import { emptyTrash } from "./trash.ts";

/** How a container is stopped; without a field, it is as the container was made, else as docker has it. */
export interface StopOptions {
  readonly signal?: number;
  /** How long it has before it is killed; -1 is for ever. */
  readonly timeoutSeconds?: number;
  /** Takes what the user should know meanwhile. */
  readonly note: (text: string) => void;
}

export const DEFAULT_TIMEOUT_SECONDS = 10;

/**
 * Stops a container, and waits until all of it has ended; one that does not run is left alone.
 *
 * @throws {CtrError} code "not_found", "conflict"
 */
export async function stopContainer(reference: string, options: StopOptions): Promise<void> {
  using running = openToEnd(reference, () => true).running;
  if (running === undefined) return;
  const { state, pidfd } = running;
  const signal = options.signal ?? state.stopSignal ?? SIG.SIGTERM;
  const seconds = options.timeoutSeconds ?? state.stopTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  if (pidfd !== undefined) {
    using leftovers = leftoversOf(state);
    const dropped = maybeDropped(state, signal);
    if (dropped !== undefined) options.note(`${dropped}: ${whatFollows(seconds)}`);
    send(state, pidfd, signal);
    // The signal first: it is what the container finds when it goes on.
    if (isPaused(state)) thaw(state.cgroup!);
    const hasEnded = await awaitEndAsync(pidfd.number, seconds < 0 ? undefined : seconds * 1000);
    if (!hasEnded) await killFirst(state, pidfd);
    leftovers?.end();
  }
  await awaitRest(state);
  tell(state, "stop");
}

/**
 * Sends a signal to process 1 of a container that runs; SIGKILL ends all of it, and is waited for. By that, and by its
 * stop signal, it is not started again, whatever its restart policy says.
 *
 * @throws {CtrError} code "not_found", "conflict", "bad_state" (it does not run)
 */
export async function killContainer(
  reference: string,
  { signal, note }: { readonly signal: number } & Pick<StopOptions, "note">,
): Promise<void> {
  // Who sends what ends it does not want it back.
  const opened = openToEnd(
    reference,
    ({ stopSignal = SIG.SIGTERM }) => signal === SIG.SIGKILL || signal === stopSignal,
  );
  using running = opened.running;
  if (opened.hasWaited) return;
  if (running?.pidfd === undefined) throw notRunning(`kill container "${reference}"`);
  const { state, pidfd } = running;
  if (signal === SIG.SIGKILL) {
    using leftovers = leftoversOf(state);
    await killFirst(state, pidfd);
    leftovers?.end();
    return await awaitRest(state);
  }
  const dropped = maybeDropped(state, signal);
  if (dropped !== undefined) note(`${dropped}; "myctr kill ${reference}" ends it`);
  if (isPaused(state)) note(`"${reference}" is paused: it gets the signal when it goes on`);
  send(state, pidfd, signal);
}

/**
 * Opens a container, if it runs. If so asked, its next end is its last one, whatever its restart policy says: `hasWaited`
 * tells of one that was about to be started again, and now is not.
 */
function openToEnd(
  reference: string,
  isLast: (state: ContainerState) => boolean,
): { readonly running: LiveContainer | undefined; readonly hasWaited: boolean } {
  const id = findContainer(reference);
  using _turn = maybeTakeTurn(id);
  const before = readState(id, reference);
  const { state, hasWaited } = isLast(before) ? disarm(before) : { state: before, hasWaited: false };
  return { running: maybeOpenNow(state), hasWaited };
}

function whatFollows(seconds: number): string {
  if (seconds < 0) return "this waits for an end of its own";
  return seconds === 0
    ? "it is killed at once"
    : `it is killed in ${seconds} ${seconds === 1 ? "second" : "seconds"}`;
}

function send(state: ContainerState, pidfd: Fd, signal: number): void {
  tell(state, "kill", { signal: String(signal) });
  const sent = sendSignal(pidfd.number, signal);
  // It has ended by itself: that is what was wanted.
  if (sent.ok || sent.errno === ERRNO.ESRCH) return;
  throw new CtrError(
    "syscall",
    `Cannot send ${signalName(signal)} to container "${state.name}": ${errnoName(sent.errno)}`,
    { hint: "Do it as the user who started the container" },
  );
}

/** Kills process 1, and with it its pid namespace; waits for its end. */
async function killFirst(state: ContainerState, pidfd: Fd): Promise<void> {
  send(state, pidfd, SIG.SIGKILL);
  await awaitEndAsync(pidfd.number);
}

/** What may outlive process 1; nothing does where it has a pid namespace of its own. */
function leftoversOf(state: ContainerState): Leftovers | undefined {
  return isInitOfItsOwn(state) ? undefined : new Leftovers(state.pid!);
}

/** Waits until its end is written down and, with --rm, until it is gone. */
async function awaitRest({ id, pid, pidStart }: ContainerState): Promise<void> {
  // Another life may have begun: this one is over then.
  const isItself = (state = maybeReadState(id)) => state?.pid === pid && state?.pidStart === pidStart;
  while (isLocked(id) && isItself()) await awaitReleaseAsync(id);
  if (!maybeReadState(id)?.isRemovedAtExit) return;
  // Whoever was to remove it was killed.
  removeEnded(id);
  emptyTrash();
}

function tell(
  state: ContainerState,
  action: EventAction,
  attributes?: Readonly<Record<string, string>>,
): void {
  tellEvents([renderEvent(state, action, attributes)]);
}
