/** What becomes of a signal to process 1 of a container: the kernel may drop it. Source: pid_namespaces(7), signal(7). */

import { SIG } from "../../ffi/constants/process.ts";
import { readText } from "../host/read_text.ts";
import { signalName } from "../spec/parse_signal.ts";
import type { ContainerState } from "./container_state.ts";

/** Process 1 of a pid namespace can't withstand the first two, from outside; the others do nothing to anybody. */
const NO_MATTER: readonly number[] = [
  SIG.SIGKILL,
  SIG.SIGSTOP,
  SIG.SIGCHLD,
  SIG.SIGCONT,
  SIG.SIGURG,
  SIG.SIGWINCH,
];

/** Says why a signal would have no effect on process 1, for people; undefined where it has one. */
export function maybeDropped(
  { pid, name }: Pick<ContainerState, "pid" | "name">,
  signal: number,
): string | undefined {
  if (NO_MATTER.includes(signal)) return undefined;
  const fate = fateOf(readText(`/proc/${pid}/status`), signal);
  const what = signalName(signal);
  if (fate === "ignored") return `"${name}" ignores ${what}`;
  if (fate === "handled") return undefined;
  return `the kernel drops ${what} to "${name}", for process 1 has no handler for it (run it with --init)`;
}

/** Reads from a /proc/PID/status what becomes of a signal. */
export function fateOf(status: string, signal: number): "ignored" | "dropped" | "handled" {
  const has = (field: string) => (maskOf(status, field) >> BigInt(signal - 1) & 1n) === 1n;
  // One that is blocked waits for a program that reads its signals.
  if (has("SigBlk") || has("SigCgt")) return "handled";
  if (has("SigIgn")) return "ignored";
  return isInit(status) ? "dropped" : "handled";
}

function maskOf(status: string, field: string): bigint {
  return BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0"}`);
}

/** Whether process 1 of a container is the first of a pid namespace of its own: then all the others end with it. */
export function isInitOfItsOwn({ pid }: Pick<ContainerState, "pid">): boolean {
  return isInit(readText(`/proc/${pid}/status`));
}

/** Whether it is the first of a pid namespace below ours. */
function isInit(status: string): boolean {
  const numbers = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  return numbers.length > 1 && numbers.at(-1) === "1";
}
