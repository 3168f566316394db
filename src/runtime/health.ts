/**
 * Health checks without a daemon: a small program waits beside the container and becomes `__health`, which runs the
 * check's command in it, notes the result, and has the next one waited for.
 */

import { SIG } from "../../ffi/constants/process.ts";
import type { Fd } from "../../ffi/fd.ts";
import { sendSignal } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import {
  addResult,
  commandOfTest,
  type Health,
  type HealthCheck,
  healthCheckOf,
  type HealthResult,
  untilNextCheck,
} from "../spec/healthcheck.ts";
import { EXEC_DEFAULTS } from "../spec/exec_spec.ts";
import { CapturedOutput } from "./captured_output.ts";
import { type ContainerState, maybeReadState, maybeTakeTurn, readSpec } from "./container_state.ts";
import { renderEvent, tellEvents } from "./events.ts";
import { exec } from "./exec.ts";
import { startHealthWaiter } from "./health_waiter.ts";
import { readHealth, writeHealth } from "./health_state.ts";
import { isPaused } from "./is_paused.ts";
import { maybeOpenProcess } from "./live_container.ts";
import { runOwnCommand } from "./own_command.ts";

/** What a check has as its exit code that did not come to one: docker's. */
const NO_EXIT_CODE = -1;

/** Checks a container, of that life; and has the next check waited for. Does nothing where that life is over. */
export async function checkHealth(id: string, pidStart: string): Promise<void> {
  const state = maybeReadState(id);
  if (state?.pid === undefined || state.pidStart !== pidStart) return;
  const check = healthCheckOf(readSpec(id));
  using process = maybeOpenProcess(state);
  if (check === undefined || process === undefined) return;
  const result = isPaused(state) ? undefined : await maybeResult(state, check);
  const health = result === undefined ? readHealth(id) : maybeNote(state, check, result);
  // Another life has begun, with checks of its own.
  if (health === undefined) return;
  if (health.status === "unhealthy" && result?.exitCode !== 0) act(check, state, process);
  const delayMs = untilNextCheck(check, health.status, sinceStart(state));
  // Behind the end of this life nothing is waited for; where the action has failed, it is tried again.
  startHealthWaiter({ id, pidStart, process, delayMs });
}

function sinceStart({ startedMs = 0 }: ContainerState): number {
  return Date.now() - startedMs;
}

/** Runs the check's command; undefined where the container ended or was paused meanwhile. */
async function maybeResult(state: ContainerState, check: HealthCheck): Promise<HealthResult | undefined> {
  const startMs = Date.now();
  using output = new CapturedOutput();
  const resultOf = (exitCode: number, text: string) => ({
    startMs,
    endMs: Date.now(),
    exitCode,
    output: text,
  });
  const clock = Promise.withResolvers<"late">();
  const timer = setTimeout(() => clock.resolve("late"), check.timeoutMs);
  try {
    const ended = await Promise.race([run(state, check), clock.promise]);
    // Its end is that of this process, whose monitor it loses.
    if (ended === "late") {
      return resultOf(NO_EXIT_CODE, `Health check exceeded timeout (${check.timeoutMs} ms)`);
    }
    return resultOf(ended, await output.finish());
  } catch (error) {
    if (!(error instanceof CtrError)) throw error;
    return error.code === "bad_state" ? undefined : resultOf(NO_EXIT_CODE, error.message);
  } finally {
    clearTimeout(timer);
  }
}

async function run({ id }: ContainerState, check: HealthCheck): Promise<number> {
  const command = commandOfTest(check.test);
  const request = { ...EXEC_DEFAULTS, container: id, command, env: [], envFiles: [] };
  return await exec(request, { isTold: false });
}

/** Notes a result; gives how the container is now, or undefined where that life is over. */
function maybeNote(state: ContainerState, check: HealthCheck, result: HealthResult): Health | undefined {
  const { id, pidStart, startedMs = 0 } = state;
  using _turn = maybeTakeTurn(id);
  const now = maybeReadState(id);
  if (now === undefined || now.pidStart !== pidStart) return undefined;
  const before = readHealth(id);
  const health = addResult(check, before, { result, sinceStartMs: result.startMs - startedMs });
  writeHealth(id, health);
  if (health.status !== before.status) tellEvents([renderEvent(now, `health_status: ${health.status}`)]);
  return health;
}

/** Does what is to be done with an unhealthy container. A kill is not the user's: its restart policy holds. */
function act({ onFailure }: HealthCheck, state: ContainerState, process: Fd): void {
  if (onFailure === "none") return;
  if (onFailure === "kill") {
    tellEvents([renderEvent(state, "kill", { signal: String(SIG.SIGKILL) })]);
    sendSignal(process.number, SIG.SIGKILL);
    return;
  }
  // Its streams are /dev/null by now.
  runOwnCommand(onFailure, state.id);
}
