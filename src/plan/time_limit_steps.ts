/** `--timeout`: the monitor, which waits anyway, waits by the clock first. Pure. */

import { POLL, SIG } from "../../ffi/constants/process.ts";
import { signalName } from "../spec/parse_signal.ts";
import { IN_TIME } from "./monitor_steps.ts";
import { pollOne, timeOf } from "./structures.ts";
import { call, slot, type Struct } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";

const SIGSET_SIZE = 8;
/** Docker's and podman's, where the container has none of its own. */
const STOP_TIMEOUT_S = 10;

/**
 * Ends the container when its time is over. There is no branch: to a container that has ended, and is not waited for
 * yet, every wait is over at once and every signal is nothing.
 */
export function addTimeLimit(builder: PlanBuilder): void {
  const seconds = builder.annotation("timeout");
  if (seconds === undefined) return;
  const signal = Number(builder.annotation("stopSignal") ?? SIG.SIGTERM);
  const patience = Number(builder.annotation("stopTimeout") ?? STOP_TIMEOUT_S);
  const untilEnd = (
    limit: Struct | null,
  ) => [pollOne(slot("ended"), POLL.POLLIN), 1, limit, null, SIGSET_SIZE];
  const send = (number: number) =>
    call("pidfd_send_signal", [slot("ended"), number, null, 0], { failure: "ignore" });
  builder.add({
    label: `give the container ${seconds} s`,
    shell: `timeout ${seconds} tail -f /dev/null --pid PID`,
    reason: "The process that waits for the container watches the clock too; myctr may be gone by then.",
    man: "ppoll(2)",
  }, [
    call("pidfd_open", [slot("container.pid"), 0], { result: "ended" }),
    call("ppoll", untilEnd(timeOf(Number(seconds) * 1000)), { result: IN_TIME }),
  ]);
  builder.add({
    label: "ask the container to end",
    shell: `kill -s ${signalName(signal).slice("SIG".length)} PID`,
    reason: "A program that handles this signal can end in its own way; to one that has ended it is nothing.",
    man: "pidfd_send_signal(2)",
  }, [send(signal), call("ppoll", untilEnd(patience < 0 ? null : timeOf(patience * 1000)))]);
  builder.add({
    label: "end the container",
    shell: "kill -s KILL PID",
    reason:
      "No program can handle this signal; what else runs in the container's pid namespace ends with it.",
    man: "pidfd_send_signal(2)",
  }, [send(SIG.SIGKILL)]);
}
