/** Starts a container that is there: follows the start, passes signals on, waits, and reports how it ended. */

import { SIG } from "../../ffi/constants/process.ts";
import { decodeWaitStatus } from "../../ffi/wait_status.ts";
import type { Fd } from "../../ffi/fd.ts";
import { sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { healthCheckOf } from "../spec/healthcheck.ts";
import { ANNOTATION } from "../spec/types.ts";
import { removeCgroup } from "./cgroup.ts";
import {
  type ContainerState,
  exitCodeOfEnd,
  forgetExit,
  maybeReadExit,
  readPidStart,
  writeState,
} from "./container_state.ts";
import {
  discardVolumes,
  furnish,
  type HeldContainer,
  refreshEngineFiles,
  removeFiles,
} from "./container_store.ts";
import { type EventAction, renderEvent, tellEvents } from "./events.ts";
import { findCommandError } from "./find_command_error.ts";
import { encodePlan } from "./encode_plan.ts";
import { encodeAnswer } from "./encode_answer.ts";
import { forwardSignals } from "./forward_signals.ts";
import { beginChecks } from "./health_waiter.ts";
import { type Asked, type Interventions, interventions } from "./interventions.ts";
import { type Ended, type Fault, launch, LaunchFailure, type Running } from "./launch.ts";
import { openRoot } from "./look_at_root.ts";
import { isAny, isMapped } from "./joins.ts";
import type { NetworkEar } from "./network.ts";
import { note } from "./note.ts";
import { hasDoor } from "../plan/plan_builder.ts";
import { type AttachedStream, STREAMS } from "../spec/parse_attach.ts";
import type { DetachKeys } from "../spec/detach_keys.ts";
import type { Prepared } from "./prepare.ts";
import { arm } from "./restart_state.ts";
import { launchError, noticeText } from "./stop_error.ts";
import type { TerminalClient } from "./terminal_client.ts";
import { writeIdMaps } from "./write_id_maps.ts";
import { writeOomScore } from "./write_oom_score.ts";

/** How a run ended. */
export interface RunEnd {
  /** `killed`: its monitor was killed, and so the container was. `left`: it runs on, and who stayed has gone. */
  readonly engine: "ok" | "killed" | "left";
  /** Docker's: the command's own, or 128 and the signal; podman's 255 when the time was over. */
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  /** What ended process 1, if a signal did. */
  readonly signal?: number;
}

/** A container to be started: it has its directory, and its lock is held. */
export interface Startable {
  readonly prepared: Prepared;
  readonly container: HeldContainer;
  /** As it is before the start. */
  readonly state: ContainerState;
  /** Whether this start makes it: then a start that fails leaves nothing of it. */
  readonly isNew: boolean;
  readonly asked: Asked;
  /** How who stays is at its terminal, or takes signals for it. */
  readonly stay?: Stay;
  /** Takes the number of process 1, before its command runs. */
  readonly onPid?: (pid: number) => void;
}

/** How somebody stays with a container. */
export interface Stay {
  readonly detachKeys?: DetachKeys;
  /** Whether signals to myctr are passed on. @default true */
  readonly sigProxy?: boolean;
  /** The streams that are passed on; absent or empty: all. */
  readonly attach?: readonly AttachedStream[];
}

/**
 * Starts a container and stays until its end, or until the keys are typed that end that.
 *
 * @throws {CtrError} when it does not come to run; `onRunning` is called when it does
 */
export async function followContainer(startable: Startable, onRunning: () => void): Promise<RunEnd> {
  return await new Start(startable).follow(onRunning);
}

/** Starts a container and leaves it to itself. @throws {CtrError} when it does not come to run */
export async function startContainer(startable: Startable): Promise<void> {
  await new Start(startable).leave();
}

function runEnd(ended: Ended): RunEnd {
  const ending = decodeWaitStatus(ended.status);
  return {
    engine: "ok",
    exitCode: exitCodeOfEnd(ended),
    isTimedOut: ended.isTimedOut,
    ...(ending.kind === "signaled" && { signal: ending.signal }),
  };
}

class Start {
  readonly #startable: Startable;
  readonly #prepared: Prepared;
  readonly #container: HeldContainer;
  #root: Fd | undefined;
  #pidfd: Fd | undefined;
  #pid = 0;
  #client: TerminalClient | undefined;
  #ear: NetworkEar | undefined;
  #stopForwarding: (() => void) | undefined;
  #found: CtrError | undefined;
  /** Makes the container what it was before a start that failed. */
  #takeBack: (() => void) | undefined;

  constructor(startable: Startable) {
    this.#startable = startable;
    this.#prepared = startable.prepared;
    this.#container = startable.container;
  }

  async leave(): Promise<void> {
    (await this.#begin()).leave();
  }

  async follow(onRunning: () => void): Promise<RunEnd> {
    try {
      const running = await this.#begin();
      // Its monitor has it; this process needs it only to remove what has ended.
      if (!this.#startable.state.isRemovedAtExit) this.#container.lock[Symbol.dispose]();
      onRunning();
      const ended = await this.#stay(running);
      if (ended === "left") return { engine: "left", exitCode: 0, isTimedOut: false };
      return ended === undefined ? this.#unreported() : runEnd(ended);
    } catch (error) {
      throw error instanceof LaunchFailure ? this.#stopError(error) : error;
    } finally {
      this.#stopForwarding?.();
      this.#client?.end();
    }
  }

  async #stay(running: Running): Promise<Ended | undefined | "left"> {
    const client = this.#client;
    if (client === undefined) return await running.wait();
    client.begin();
    const end = running.wait();
    const isLeft = await Promise.race([client.left.then(() => true), end.then(() => false)]);
    if (!isLeft) return await end;
    await running.detach();
    client.end({ isInOrder: true });
    return "left";
  }

  async #begin(): Promise<Running> {
    const { spec, host, plan } = this.#prepared;
    if (spec.process.terminal && host.isAttached) {
      const { TerminalClient } = await import("./terminal_client.ts");
      this.#client = new TerminalClient({
        settings: host.terminal?.settings,
        keys: this.#startable.stay?.detachKeys,
      });
    }
    const asked = await interventions(plan, this.#startable.asked).catch((error) => {
      this.#undo();
      throw error;
    });
    if (host.network !== undefined) {
      this.#ear = (await import("./network.ts")).openNetworkEar(host.network, this.#container.directory);
    }
    return this.#launch(asked, hasDoor(spec, host) ? (await import("./door.ts")).openDoor : undefined);
  }

  /** The monitor's file may have what it could not report; without it, both were killed. */
  #unreported(): RunEnd {
    const exit = maybeReadExit(this.#container.id);
    if (exit !== undefined) return runEnd(exit);
    note("the process that watches the container was killed from outside, and the container with it");
    return { ...runEnd({ status: SIG.SIGKILL, isTimedOut: false }), engine: "killed" };
  }

  #launch(asked: Interventions, openDoor: ((directory: string) => Fd) | undefined): Running {
    const { plan } = this.#prepared;
    const encoded = encodePlan(plan, asked.options);
    try {
      using door = openDoor?.(this.#container.directory);
      const { lock, exit } = this.#container;
      const hasInit = this.#prepared.spec.annotations[ANNOTATION.init] === "true";
      const handed = {
        title: hasInit ? "myctr: monitor and init" : "myctr: monitor",
        kept: { lock, exit },
        streams: this.#streams(),
        ...(this.#client !== undefined && { client: this.#client.theirs }),
        ...(door !== undefined && { door }),
        ...(this.#ear !== undefined && { network: this.#ear.theirs }),
      };
      return launch(encoded, handed, {
        ...asked.steps,
        onNotice: (fault) => note(noticeText(plan, fault, "the container")),
        onStarted: () => this.#onStarted(),
        isAwaited: isMapped(this.#prepared.joins, this.#prepared.host.idMap) &&
          this.#prepared.host.idMap.kind === "range",
        onPid: (pid) => this.#onPid(pid),
        onReleased: (pid, pidfd) => this.#onReleased(pid, pidfd),
        onMounted: (pid) => this.#onMounted(pid),
        onHungUp: () => this.#hangUp(),
        onExhausted: (attempts) => this.#onExhausted(attempts),
      });
    } catch (error) {
      this.#undo();
      if (!(error instanceof LaunchFailure)) throw error;
      if (this.#found !== undefined) throw this.#found;
      this.#prepared.joins.refuseEnding();
      throw this.#stopError(error);
    } finally {
      this.#container.turn[Symbol.dispose]();
      this.#root?.[Symbol.dispose]();
      this.#ear?.[Symbol.dispose]();
    }
  }

  /** Leaves nothing of a start that did not work. */
  #undo(): void {
    this.#stopForwarding?.();
    if (this.#prepared.host.cgroup !== undefined) removeCgroup(this.#prepared.host.cgroup);
    this.#takeBack?.();
    this.#container.turn[Symbol.dispose]();
    if (!this.#startable.isNew) return;
    removeFiles(this.#container.id);
    discardVolumes(this.#prepared.ownVolumes);
  }

  #streams(): readonly AttachedStream[] {
    if (!this.#prepared.host.isAttached) return [];
    const { attach = [] } = this.#startable.stay ?? {};
    return attach.length > 0 ? attach : STREAMS;
  }

  #hangUp(): void {
    if (this.#pidfd !== undefined) this.#client?.hangUp(this.#pidfd, this.#pid);
  }

  #stopError({ fault }: LaunchFailure): CtrError {
    return launchError(fault, { ...this.#prepared, what: "start the container" });
  }

  #onPid(pid: number): void {
    const { joins, host } = this.#prepared;
    joins.refuseEnded();
    if (!isMapped(joins, host.idMap)) writeIdMaps(pid, host.idMap);
    if (!isAny(joins)) this.#writeOomScore(pid);
  }

  #writeOomScore(pid: number): void {
    const { oomScoreAdj } = this.#prepared.spec.process;
    if (oomScoreAdj !== undefined) writeOomScore(pid, oomScoreAdj);
  }

  #onStarted(): void {
    const { host } = this.#prepared;
    this.#ear?.theirs[Symbol.dispose]();
    if (this.#startable.isNew) furnish(this.#container.directory, this.#prepared);
    else refreshEngineFiles(this.#container.directory, this.#prepared);
    this.#prepared.releaseVolumes();
    if (!host.isAttached || this.#startable.stay?.sigProxy === false) return;
    // Listeners are called when the event loop turns: the container runs by then.
    this.#stopForwarding = forwardSignals((signal) => {
      // The window was closed: nobody is left to see what it does.
      if (signal === SIG.SIGHUP && this.#client !== undefined) this.#hangUp();
      else if (this.#pidfd !== undefined) sendSignal(this.#pidfd.number, signal);
    }, { hasTerminal: this.#client !== undefined });
  }

  /** The command does not run before the answer is given, so that its state is always there when it runs. */
  #onReleased(pid: number, pidfd: Fd): void {
    this.#pidfd = pidfd;
    this.#pid = pid;
    const { isNew, state, onPid } = this.#startable;
    const { directory } = this.#container;
    onPid?.(pid);
    if (!isNew) {
      const restoreExit = forgetExit(state.id);
      this.#takeBack = () => {
        restoreExit();
        writeState(directory, state);
      };
    }
    const pidStart = readPidStart(pid);
    const check = healthCheckOf(this.#prepared.spec);
    if (check !== undefined && pidStart !== undefined) {
      beginChecks(check, { id: state.id, pidStart, process: pidfd });
    }
    const { cgroup, network } = this.#prepared.host;
    const ports = network?.ports ?? [];
    const { cgroup: _, ports: _ports, ...before } = state;
    // As it was read: nobody has changed it since, for it is this start's turn.
    writeState(directory, {
      ...before,
      startedMs: Date.now(),
      pid,
      ...(pidStart !== undefined && { pidStart }),
      ...(cgroup !== undefined && { cgroup }),
      ...(ports.length > 0 && { ports }),
    });
    if (state.restart !== undefined) arm(state.id);
    const actions: readonly EventAction[] = isNew ? ["create", "start"] : ["start"];
    tellEvents(actions.map((action) => renderEvent(state, action)));
  }

  #onMounted(pid: number): Uint8Array<ArrayBuffer> {
    if (isAny(this.#prepared.joins)) this.#writeOomScore(pid);
    this.#root = openRoot(pid);
    const answer = encodeAnswer(this.#prepared, this.#root);
    this.#ear?.await();
    // The command may read as soon as it has the answer.
    this.#client?.makeRaw();
    return answer;
  }

  #onExhausted(attempts: readonly Fault[]): void {
    this.#found = findCommandError(this.#prepared.spec.process, this.#root!, attempts);
  }
}

/** Says what of a container is not as its user may think. */
export function warn(prepared: Prepared): void {
  const { spec, host } = prepared;
  const notices: string[] = [];
  if (host.idMap.kind === "single" && spec.linux.uidMappings === undefined) {
    notices.push(
      "only your own id is mapped, as root inside: other users do not exist in this container " +
        "(install uidmap and give yourself a line in /etc/subuid and /etc/subgid)",
    );
  }
  const added = spec.annotations[ANNOTATION.addedCapabilities] ?? "";
  if (/\b(CAP_SYS_ADMIN)\b/.test(added)) {
    notices.push("with CAP_SYS_ADMIN the container can undo its read-only and hidden paths");
  }
  notices.forEach(note);
  tellNetwork(prepared);
}

/** Says where the network is not what its user may think: that may change from one start to the next. */
export function tellNetwork({ networkLack }: Pick<Prepared, "networkLack">): void {
  if (networkLack !== undefined) {
    note(`the container's network is a loopback device alone: ${networkLack}`);
  }
}
