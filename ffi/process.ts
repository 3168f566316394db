/** Starting, waiting for and signalling processes, and the limits of a process. */

import { ERRNO } from "./constants/errno.ts";
import { W } from "./constants/process.ts";
import { cString } from "./cstring.ts";
import { pointerTable } from "./pointer_table.ts";
import { type Fd, outcomeFd } from "./fd.ts";
import { rlimit64 } from "./layout/structs.ts";
import { awaitInput, awaitInputAsync } from "./poll.ts";
import { syscall, syscallAsync } from "./syscall.ts";
import {
  type Failure,
  failure,
  type Outcome,
  outcome,
  retryInterrupted,
  retryInterruptedAsync,
  success,
} from "./outcome.ts";

/** Waits for a child, blocking; gives its status word (wait_status.ts). @see wait(2) */
export function waitPid(pid: number): Outcome<number> {
  const status = new Int32Array(1);
  const ended = retryInterrupted(() => outcome(syscall("wait4", pid, status, 0, null)));
  return ended.ok ? success(status[0]!) : ended;
}

/** Asks for a child's status word without waiting; undefined while it runs. */
export function pollPid(pid: number): Outcome<number | undefined> {
  const status = new Int32Array(1);
  const ended = retryInterrupted(() => outcome(syscall("wait4", pid, status, W.WNOHANG, null)));
  return ended.ok ? success(ended.value === 0 ? undefined : status[0]!) : ended;
}

/**
 * Waits for a child on another thread; gives its status word. Holds one of about 30 threads.
 *
 * Only for a child of ours that nobody else waits for.
 */
export async function waitPidAsync(pid: number): Promise<Outcome<number>> {
  const status = new Int32Array(1);
  const ended = await retryInterruptedAsync(async () => {
    return outcome(await syscallAsync("wait4", pid, status, 0, null));
  });
  return ended.ok ? success(status[0]!) : ended;
}

/** Opens a descriptor of a process; check its start time afterwards. Linux 5.3. @see pidfd_open(2) */
export function openPidfd(pid: number): Outcome<Fd> {
  return outcomeFd(syscall("pidfd_open", pid, 0));
}

/** Waits, blocking, until the process of a pidfd has ended (a zombie has); false when it takes longer. @see ppoll(2) */
export function awaitEnd(pidfd: number, milliseconds: number): boolean {
  const ready = awaitInput(pidfd, { milliseconds });
  return ready.ok && ready.value === "input";
}

/**
 * The same on another thread, so that the event loop goes on; without a limit, it waits for ever.
 *
 * The descriptor must stay open until then. Each call holds one of about 30 threads.
 */
export async function awaitEndAsync(pidfd: number, milliseconds?: number): Promise<boolean> {
  return await awaitInputAsync(pidfd, milliseconds);
}

/** Sends a signal to the process of a pidfd; signal 0 only asks. @see pidfd_send_signal(2) */
export function sendSignal(pidfd: number, signal: number): Outcome<void> {
  const sent = outcome(syscall("pidfd_send_signal", pidfd, signal, null, 0));
  return sent.ok ? success(undefined) : sent;
}

/**
 * Sends a signal to the process that has this number now: for children not yet waited for, whose number
 * can not be another's. @see kill(2)
 */
export function kill(pid: number, signal: number): Outcome<void> {
  const sent = outcome(syscall("kill", pid, signal));
  return sent.ok ? success(undefined) : sent;
}

/**
 * Executes another program in place of this one; returns only where that failed, with its errno.
 *
 * @see execve(2)
 */
export function execute(path: string, argv: readonly string[], env: readonly string[]): Failure {
  const result = outcome(syscall("execve", cString(path), pointerTable(argv), pointerTable(env)));
  return result.ok ? failure(0) : result;
}

/** A limit: what holds, and how far the process itself may raise it. RLIM_INFINITY is none. */
export interface Limit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** Reads a limit (RLIMIT in constants/process.ts) of a process; 0 is this one. @see prlimit(2) */
export function readLimit(resource: number, pid = 0): Outcome<Limit> {
  const bytes = new Uint8Array(rlimit64.size);
  const done = outcome(syscall("prlimit64", pid, resource, null, bytes));
  if (!done.ok) return done;
  const { rlim_cur, rlim_max } = rlimit64.decode(bytes);
  return success({ soft: rlim_cur, hard: rlim_max });
}

/** Sets a limit of a process; EPERM for a higher hard limit without CAP_SYS_RESOURCE. */
export function applyLimit(resource: number, limit: Limit, pid = 0): Outcome<void> {
  const bytes = rlimit64.encode({ rlim_cur: limit.soft, rlim_max: limit.hard });
  const done = outcome(syscall("prlimit64", pid, resource, bytes, null));
  return done.ok ? success(undefined) : done;
}

/** Sets this process's mask for new files and gives the one before. It belongs to all threads. */
export function umask(mask: number): number {
  return syscall("umask", mask);
}

/** Tells whether a process with this number exists, a zombie included, or may be another user's. */
export function hasProcess(pid: number): boolean {
  const sent = kill(pid, 0);
  return sent.ok || sent.errno === ERRNO.EPERM;
}
