/** `myctr exec`: one more process in a container that runs. */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { SIG } from "../../ffi/constants/process.ts";
import type { Fd } from "../../ffi/fd.ts";
import { sendSignal } from "../../ffi/process.ts";
import { exitCodeOf } from "../../ffi/wait_status.ts";
import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import type { Terminal } from "../host/host_facts.ts";
import { canEnterCgroup } from "../host/read_cgroup.ts";
import { readLastCapability, readOpenFilesHard, readOwnCapabilities } from "../host/read_facts.ts";
import { buildExecPlan, type ExecFacts } from "../plan/exec_plan.ts";
import type { Plan } from "../plan/operation.ts";
import { buildExecSpec, type ExecRequest } from "../spec/exec_spec.ts";
import { STREAMS } from "../spec/parse_attach.ts";
import type { Spec } from "../spec/types.ts";
import { chooseSeccomp } from "./choose_seccomp.ts";
import { containerDirectory, type ContainerState, readSpec } from "./container_state.ts";
import { encodeAnswer } from "./encode_answer.ts";
import { encodePlan } from "./encode_plan.ts";
import { eventsPath, renderEvent, renderExecEnd, tellEvents } from "./events.ts";
import { findCommandError } from "./find_command_error.ts";
import { forwardSignals } from "./forward_signals.ts";
import { interventions } from "./interventions.ts";
import { launch, LaunchFailure, type Running } from "./launch.ts";
import { newId } from "./new_id.ts";
import { note } from "./note.ts";
import { readEnvFile } from "./read_given.ts";
import { readHardLimits } from "./read_limits.ts";
import { type EnterableContainer, maybeEnded, openEnterable } from "./enterable_container.ts";
import type { TerminalClient } from "./terminal_client.ts";
import { launchError, noticeText } from "./stop_error.ts";

/** How long a container that is ending may take, when a step has failed as it does then. */
const ENDING_MS = 1000;
/** What the kernel says of namespaces, processes and groups that are just going away. */
const OF_AN_END: readonly number[] = [ERRNO.ESRCH, ERRNO.ENOMEM, ERRNO.ENOENT, ERRNO.ENODEV];

/** How it is done. */
export interface ExecOptions {
  /** Whether those who follow events are told. @default true */
  readonly isTold?: boolean;
}

/**
 * Runs a command in a container; gives its exit code, or 0 at once in the background.
 *
 * @throws {CtrError} when it does not come to run
 */
export async function exec(request: ExecRequest, options: ExecOptions = {}): Promise<number> {
  const { tty = false, interactive, detach } = request;
  if (tty && !detach) (await import("./keyboard.ts")).refuseNoTerminal({ isTyping: interactive });
  using container = openEnterable(request.container);
  return await new Exec(await prepareExec(request, container, options)).run();
}

/** Makes the plan, with no effect. @throws {CtrError} for whatever of the request can't be */
export async function planExec(request: ExecRequest): Promise<Plan> {
  using container = openEnterable(request.container);
  return (await prepareExec(request, container)).plan;
}

interface PreparedExec {
  /** Of this exec, for those who follow events. */
  readonly id: string;
  readonly request: ExecRequest;
  readonly container: EnterableContainer;
  readonly spec: Spec;
  readonly host: ExecFacts;
  readonly plan: Plan;
}

async function prepareExec(
  request: ExecRequest,
  container: EnterableContainer,
  { isTold = true }: ExecOptions = {},
): Promise<PreparedExec> {
  const id = newId();
  const { state, namespaces, idMap } = container;
  const spec = buildExecSpec(readSpec(state.id), request, {
    callerEnv: callerEnv(),
    envFiles: request.envFiles.map(readEnvFile),
  });
  const seccomp = await chooseSeccomp(spec);
  const ownCapabilities = readOwnCapabilities();
  const { rlimits } = spec.process;
  const cgroup = maybeEnterableCgroup(state);
  const host: ExecFacts = {
    idMap,
    joins: namespaces,
    lastCapability: readLastCapability(),
    ownCapabilities,
    openFilesHard: readOpenFilesHard(),
    kinds: {},
    hostImage: undefined,
    devices: [],
    ...(rlimits.length > 0 && { hardLimits: readHardLimits(rlimits, ownCapabilities) }),
    ...(seccomp !== undefined && { seccomp: seccomp.filter }),
    containerDirectory: containerDirectory(state.id),
    isAttached: !request.detach,
    ...(!request.detach && request.tty && { terminal: await readTerminalOf(request) }),
    ...(cgroup !== undefined && { cgroup }),
    ...(isTold && { events: { path: eventsPath(), end: renderExecEnd(state, id) } }),
  };
  return { id, request, container, spec, host, plan: buildExecPlan(spec, host) };
}

async function readTerminalOf({ interactive }: ExecRequest): Promise<Terminal> {
  const { readTerminal } = await import("../host/read_terminal.ts");
  return readTerminal({ isTyping: interactive });
}

function maybeEnterableCgroup({ cgroup }: ContainerState): string | undefined {
  if (cgroup === undefined || canEnterCgroup(cgroup, Deno.uid() ?? 0)) return cgroup;
  note(
    "the container's cgroup is not yours to enter from this session: pause and kill do not reach the command",
  );
  return undefined;
}

class Exec {
  readonly #prepared: PreparedExec;
  #answer = new Uint8Array(0);
  #pidfd: Fd | undefined;
  #client: TerminalClient | undefined;
  #found: CtrError | undefined;

  constructor(prepared: PreparedExec) {
    this.#prepared = prepared;
  }

  async run(): Promise<number> {
    const { request, plan } = this.#prepared;
    const { options, steps } = await interventions(plan, request);
    await this.#meetTerminal();
    // Listeners are called when the event loop turns: the command runs by then.
    const stopForwarding = request.detach ? () => {} : forwardSignals((signal) => {
      if (this.#pidfd !== undefined) sendSignal(this.#pidfd.number, signal);
    }, { hasTerminal: this.#client !== undefined });
    try {
      const running = this.#launch(options, steps);
      if (!request.detach) return await this.#follow(running);
      running.leave();
      return 0;
    } finally {
      stopForwarding();
      this.#client?.end();
    }
  }

  async #meetTerminal(): Promise<void> {
    const { request, host } = this.#prepared;
    if (request.detach || !request.tty) return;
    const { TerminalClient } = await import("./terminal_client.ts");
    // Nobody could come back to it: the command ends with the myctr that stays.
    this.#client = new TerminalClient({ settings: host.terminal?.settings, keys: [] });
  }

  async #follow(running: Running): Promise<number> {
    try {
      this.#client?.begin();
      const ended = await running.wait();
      if (ended !== undefined) return exitCodeOf(ended.status);
    } catch (error) {
      throw error instanceof LaunchFailure ? this.#stopError(error) : error;
    }
    note("the process that watches the command was killed from outside, and the command with it");
    return exitCodeOf(SIG.SIGKILL);
  }

  #launch(
    options: Parameters<typeof encodePlan>[1],
    steps: Awaited<ReturnType<typeof interventions>>["steps"],
  ): Running {
    const { plan, host, spec, container } = this.#prepared;
    const handed = {
      title: "myctr: monitor",
      kept: { process1: container.pidfd },
      streams: host.isAttached ? STREAMS : [],
      ...(this.#client !== undefined && { client: this.#client.theirs }),
    };
    try {
      return launch(encodePlan(plan, options), handed, {
        ...steps,
        onNotice: (fault) => note(noticeText(plan, fault, "the command")),
        onStarted: () => {
          this.#answer = encodeAnswer({ spec, host }, container.root);
        },
        onPid: (_, pidfd) => {
          this.#pidfd = pidfd;
          this.#tell();
          // The command may read as soon as it has the answer.
          this.#client?.makeRaw();
          return this.#answer;
        },
        onHungUp: () => this.#pidfd !== undefined && sendSignal(this.#pidfd.number, SIG.SIGHUP),
        onExhausted: (attempts) => {
          this.#found = findCommandError(spec.process, container.root, attempts);
        },
      });
    } catch (error) {
      if (!(error instanceof LaunchFailure)) throw error;
      throw this.#found ?? this.#stopError(error);
    }
  }

  #stopError({ fault }: LaunchFailure): CtrError {
    const { container, request } = this.#prepared;
    const isOfAnEnd = fault === undefined || OF_AN_END.includes(fault.errno);
    const ended = maybeEnded(container.pidfd, isOfAnEnd ? ENDING_MS : 0, request.container);
    return ended ?? launchError(fault, { ...this.#prepared, what: "run the command" });
  }

  /** Before the command can end, so that its end is told behind it. */
  #tell(): void {
    const { container: { state }, host, id, request } = this.#prepared;
    if (host.events === undefined) return;
    const attributes = { execID: id, command: request.command.join(" ") };
    const actions = ["exec_create", "exec_start"] as const;
    tellEvents(actions.map((action) => renderEvent(state, action, attributes)));
  }
}
