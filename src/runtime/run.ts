/** `myctr run`: makes a container, starts it, passes signals on, waits, and reports how it ended. */

import { errnoName } from "../../ffi/constants/errno.ts";
import { SIG } from "../../ffi/constants/process.ts";
import { decodeWaitStatus } from "../../ffi/wait_status.ts";
import type { Fd } from "../../ffi/fd.ts";
import { sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import { commandCandidates } from "../plan/command_steps.ts";
import type { RunRequest } from "../spec/request.ts";
import { ANNOTATION, type RootKind } from "../spec/types.ts";
import {
  type ContainerState,
  exitCodeOfEnd,
  maybeReadExit,
  readPidStart,
  writeState,
} from "./container_state.ts";
import { createContainer, type CreatedContainer, furnish, removeFiles } from "./container_store.ts";
import { encodePlan, placedCalls } from "./encode_plan.ts";
import { engineFiles } from "./engine_files.ts";
import { encodeAnswer } from "./encode_answer.ts";
import { type Interventions, interventions } from "./interventions.ts";
import { type Ended, type Fault, launch, LaunchFailure, type Running } from "./launch.ts";
import { existsInRoot, maybeMissingInterpreter, openRoot } from "./look_at_root.ts";
import { isMapped, refuseEnded } from "./join_container.ts";
import { prepare, type Prepared } from "./prepare.ts";
import { RunFiles } from "./run_files.ts";
import { commandError, stopError } from "./stop_error.ts";
import { emptyTrash } from "./trash.ts";
import { writeIdMaps } from "./write_id_maps.ts";
import { writeOomScore } from "./write_oom_score.ts";

/** Signals that reach the container when they reach myctr. */
const FORWARDED = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
  "SIGWINCH",
] as const;

/** How a run ended. */
export interface RunEnd {
  /** `killed`: its monitor was killed, and so the container was. */
  readonly engine: "ok" | "killed";
  /** Docker's: the command's own, or 128 and the signal; podman's 255 when the time was over. */
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  /** What ended process 1, if a signal did. */
  readonly signal?: number;
}

/**
 * Runs a container to its end.
 *
 * @throws {CtrError} when it does not come to run; nothing of it is left then
 */
export async function run(request: RunRequest): Promise<RunEnd> {
  const prepared = await prepare(request);
  warn(prepared);
  using files = new RunFiles(request, prepared.id);
  if (request.replace) await (await import("./containers.ts")).replaceContainer(request.name!);
  using container = createContainer(prepared.id, request.name);
  try {
    return await new Run({ request, prepared, container, files }).follow();
  } finally {
    if (request.remove) {
      removeFiles(prepared.id);
      await emptyTrash();
    }
  }
}

interface RunParts {
  readonly request: RunRequest;
  readonly prepared: Prepared;
  readonly container: CreatedContainer;
  readonly files: RunFiles;
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

class Run {
  readonly #request: RunRequest;
  readonly #prepared: Prepared;
  readonly #container: CreatedContainer;
  readonly #files: RunFiles;
  #root: Fd | undefined;
  #pidfd: Fd | undefined;
  #stopForwarding: (() => void) | undefined;
  #found: CtrError | undefined;

  constructor({ request, prepared, container, files }: RunParts) {
    this.#request = request;
    this.#prepared = prepared;
    this.#container = container;
    this.#files = files;
  }

  async follow(): Promise<RunEnd> {
    const running = this.#launch(await interventions(this.#prepared.plan, this.#request));
    this.#files.keep();
    try {
      const ended = await running.wait();
      return ended === undefined ? this.#unreported() : runEnd(ended);
    } catch (error) {
      throw error instanceof LaunchFailure ? this.#stopError(error) : error;
    } finally {
      this.#stopForwarding?.();
    }
  }

  /** The monitor's file may have what it could not report; without it, both were killed. */
  #unreported(): RunEnd {
    const exit = maybeReadExit(this.#container.id);
    if (exit !== undefined) return runEnd(exit);
    note("the process that watches the container was killed from outside, and the container with it");
    return { ...runEnd({ status: SIG.SIGKILL, isTimedOut: false }), engine: "killed" };
  }

  #launch(asked: Interventions): Running {
    const { plan } = this.#prepared;
    const encoded = encodePlan(plan, asked.options);
    try {
      const { lock, exit } = this.#container;
      const title = this.#request.init ? "myctr: monitor and init" : "myctr: monitor";
      return launch(encoded, { title, lock, exit }, {
        ...asked.steps,
        onNotice: ({ call, errno }) => {
          const { label } = plan.operations[placedCalls(plan)[call]!.operation]!;
          note(`cannot ${label} (${errnoName(errno)}): the container goes on without`);
        },
        onStarted: () => this.#onStarted(),
        isAwaited: isMapped(this.#prepared.joined, this.#prepared.host.idMap) &&
          this.#prepared.host.idMap.kind === "range",
        onPid: (pid) => this.#onPid(pid),
        onReleased: (pid, pidfd) => this.#onReleased(pid, pidfd),
        onMounted: (pid) => this.#onMounted(pid),
        onExhausted: (attempts) => this.#onExhausted(attempts),
      });
    } catch (error) {
      this.#stopForwarding?.();
      removeFiles(this.#container.id);
      if (!(error instanceof LaunchFailure)) throw error;
      if (this.#found !== undefined) throw this.#found;
      throw this.#stopError(error);
    } finally {
      this.#root?.[Symbol.dispose]();
    }
  }

  #stopError({ fault }: LaunchFailure): CtrError {
    const { plan, host } = this.#prepared;
    if (fault === undefined) {
      return new CtrError("syscall", "Cannot start the container: its processes were killed from outside", {
        hint: "Look for the kernel's out-of-memory killer in dmesg, then try again",
      });
    }
    const placed = placedCalls(plan)[fault.call]!;
    return stopError({ plan, placed, errno: fault.errno }, host);
  }

  #onPid(pid: number): void {
    const { joined, host } = this.#prepared;
    if (joined !== undefined) refuseEnded(joined);
    if (!isMapped(joined, host.idMap)) writeIdMaps(pid, host.idMap);
    const { oomScoreAdj } = this.#prepared.spec.process;
    if (oomScoreAdj !== undefined) writeOomScore(pid, oomScoreAdj);
  }

  #onStarted(): void {
    const { spec } = this.#prepared;
    const kind = spec.annotations[ANNOTATION.root] as RootKind;
    furnish(this.#container.directory, {
      spec,
      engineFiles: engineFiles(spec),
      hasLayers: kind === "overlay",
    });
    // Listeners are called when the event loop turns: the container runs by then.
    this.#stopForwarding = forwardSignals((signal) => {
      if (this.#pidfd !== undefined) sendSignal(this.#pidfd.number, signal);
    });
  }

  /** The command does not run before the answer is given, so that its state is always there when it runs. */
  #onReleased(pid: number, pidfd: Fd): void {
    this.#pidfd = pidfd;
    const request = this.#request;
    const { directory, id, name } = this.#container;
    this.#files.writePid(pid);
    const pidStart = readPidStart(pid);
    const state: ContainerState = {
      version: 1,
      id,
      name,
      image: request.rootfs === undefined ? request.image! : this.#prepared.spec.root.path,
      command: this.#prepared.spec.process.args,
      createdMs: Date.now(),
      isRemovedAtExit: request.remove,
      labels: this.#prepared.labels,
      ...(request.stopSignal !== undefined && { stopSignal: request.stopSignal }),
      ...(request.stopTimeoutSeconds !== undefined && { stopTimeoutSeconds: request.stopTimeoutSeconds }),
      pid,
      ...(pidStart === undefined ? {} : { pidStart }),
    };
    writeState(directory, state);
  }

  #onMounted(pid: number): Uint8Array<ArrayBuffer> {
    this.#root = openRoot(pid);
    return encodeAnswer(this.#prepared, this.#root);
  }

  #onExhausted(attempts: readonly Fault[]): void {
    const { args, env } = this.#prepared.spec.process;
    const root = this.#root!;
    const candidates = commandCandidates(args, env);
    const found = candidates.find((path) => existsInRoot(root, path));
    this.#found = commandError({
      command: args[0]!,
      errnos: attempts.map(({ errno }) => errnoName(errno)),
      missingInterpreter: found === undefined ? undefined : maybeMissingInterpreter(root, found),
    });
  }
}

function forwardSignals(send: (signal: number) => void): () => void {
  const listeners = FORWARDED.map((name) => {
    const listener = () => send(SIG[name]);
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return () => listeners.forEach(({ name, listener }) => Deno.removeSignalListener(name, listener));
}

const encoder = new TextEncoder();

function warn({ spec, host }: Prepared): void {
  const notices: string[] = [];
  if (host.idMap.kind === "single") {
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
}

function note(text: string): void {
  Deno.stderr.writeSync(encoder.encode(`myctr: note: ${text}\n`));
}
