/** Relays: threads of the monitor that copy the streams, to the caller and into the log. Pure. */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { AT_FDCWD, F, O, SEEK } from "../../ffi/constants/open.ts";
import { CLOCK, FUTEX, MADV, POLL } from "../../ffi/constants/process.ts";
import { FD, LAST_FD, RELAY_LOG, RELAY_PROCESS, RELAY_STATUS } from "./descriptors.ts";
import { FRAME, LOG_HEAD_SIZE, LOG_LOST_OFFSET, logPath } from "./frame.ts";
import { type Actor, type Call, call, type Out, type Slot, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { NO_TIME, pollFirst, pollOne } from "./structures.ts";
import { addTerminalThreads, GONE, MASTER } from "./terminal_steps.ts";
import { startThread } from "./thread_steps.ts";

/** One of the container's streams, by name. */
export type Stream = "stdin" | "stdout" | "stderr";

/** A pipe holds 64 KiB: more is never read at once. */
const BUFFER_SIZE = 64 * 1024;
const LOG_MODE = 0o600;
const SIGSET_SIZE = 8;

/** The container's streams, in the order of their numbers; a terminal is one, and who stays types into it directly. */
export function streams(builder: PlanBuilder): readonly Stream[] {
  if (builder.isOwn) return [];
  if (builder.hasTerminal) return ["stdout"];
  return builder.annotation("interactive") === "true" ? ["stdin", "stdout", "stderr"] : ["stdout", "stderr"];
}

/** Those of them that are pipes. Without a caller, output that no log keeps is written nowhere. */
export function pipedStreams(builder: PlanBuilder): readonly Stream[] {
  if (builder.hasTerminal) return [];
  const { isAttached } = builder.host;
  return streams(builder).filter((stream) => isAttached || stream === "stdin" || hasLog(builder, stream));
}

/** Those of them that a process copies: without a caller there is no input. A terminal that nobody reads would fill up. */
export function relayedStreams(builder: PlanBuilder): readonly Stream[] {
  if (builder.hasTerminal) return streams(builder);
  return pipedStreams(builder).filter((stream) => builder.host.isAttached || stream !== "stdin");
}

function hasLog(builder: PlanBuilder, stream: Stream): boolean {
  return stream !== "stdin" && builder.log.driver === "file";
}

/** A buffer for what is read, with room for the head of its frame before it. */
function frameBuffer(stream: Stream): Out {
  return { out: `${stream}.frame`, at: FRAME.size, size: BUFFER_SIZE };
}

const ALIVE = 1;

/** A word that is 1 until the relay ends: the kernel clears it then, and wakes who waits for that. */
function lifeOf(stream: Stream): Out {
  return { out: `${stream}.relay.life`, size: 4, initial: ALIVE };
}

/** Waits until a relay has ended; fails at once where it has. @see futex(2), CLONE_CHILD_CLEARTID in clone(2) */
export function awaitRelay(stream: Stream): Call {
  return call("futex", [lifeOf(stream), FUTEX.FUTEX_WAIT, ALIVE, null], { failure: "ignore" });
}

/**
 * Starts a relay for each stream that is copied. Output ends when nobody has it open any more; or, where `process` names
 * one, with that process: what it leaves running may keep its output for ever.
 */
export function addRelays(builder: PlanBuilder, process?: Slot): void {
  for (const stream of relayedStreams(builder)) {
    const actor: Actor = `${stream} relay`;
    builder.as("monitor");
    if (hasLog(builder, stream)) addLogFile(builder, stream);
    startThread(builder, actor, {
      shell: stream === "stdin" ? "cat >stdin &" : `cat <${sourceName(builder, stream)} &`,
      reason: `A thread of its own copies ${stream}, so that no stream waits for another.`,
      life: lifeOf(stream),
    });
    addRelay(builder, stream, builder.hasTerminal ? undefined : process);
  }
  addTerminalThreads(builder, process);
}

function sourceName(builder: PlanBuilder, stream: Stream): string {
  return builder.hasTerminal ? "terminal" : stream;
}

function addLogFile(builder: PlanBuilder, stream: Stream): void {
  const path = logPath(builder.host.containerDirectory, stream, 0);
  builder.add({
    label: `open the log of ${stream}`,
    shell: `exec 3>>logs/${stream}`,
    reason: "What the container writes can be read later: the file goes on where an earlier start left it.",
    man: "open(2)",
  }, [
    // Only a new file gets a head: where there is one, the first call fails and the other two find no descriptor.
    call("openat", [AT_FDCWD, path, O.O_WRONLY | O.O_CREAT | O.O_EXCL | O.O_CLOEXEC, LOG_MODE], {
      result: `${stream}.new.log`,
      failure: "ignore",
    }),
    call("write", [slot(`${stream}.new.log`), { logHead: stream }, LOG_HEAD_SIZE], { failure: "ignore" }),
    call("close", [slot(`${stream}.new.log`)], { failure: "ignore" }),
    call("openat", [AT_FDCWD, path, O.O_WRONLY | O.O_CLOEXEC, 0], { result: `${stream}.log` }),
    call("lseek", [slot(`${stream}.log`), 0, SEEK.SEEK_END], { result: `${stream}.log.end` }),
  ]);
}

function addRelay(builder: PlanBuilder, stream: Stream, process: Slot | undefined): void {
  const { hasTerminal, host: { isAttached } } = builder;
  const isInput = stream === "stdin";
  const isLogged = hasLog(builder, stream);
  const ended = isInput ? undefined : process;
  addRelaySetUp(builder, stream, ended);
  const buffer = frameBuffer(stream);
  const isForwarded = isInput || isAttached;
  builder.add({
    label: `copy ${stream}`,
    shell: "cat",
    reason: "Bytes go on as they come; a slow reader slows the writer down, nothing is dropped.",
    man: "read(2)",
  }, [
    // A terminal whose last user is gone says so by an error.
    call("read", [0, buffer, buffer.size], { loop: "read", ...(hasTerminal && { endOfFile: ERRNO.EIO }) }),
    ...(isForwarded
      ? [
        call("write", [1, buffer, slot(`${stream}.count`)], {
          loop: "write",
          ...(hasTerminal && { unless: GONE }),
        }),
      ]
      : []),
    // The process comes first: where it has ended and the pipe is empty then, there was nothing more.
    ...(ended === undefined ? [] : [
      call("ppoll", [pollFirst([RELAY_PROCESS, 0], POLL.POLLIN), 2, null, null, SIGSET_SIZE], {
        loop: "until",
        failure: "ignore",
      }),
    ]),
  ]);
  if (isLogged) addLogging(builder, stream);
  if (isAttached) return;
  builder.add({
    label: `give back the room for ${stream}`,
    shell: "read -t 0",
    reason: "A container in the background that writes nothing costs as little memory as it can.",
    man: "madvise(2)",
  }, [
    call("ppoll", [pollOne(0, POLL.POLLIN), 1, NO_TIME, null, 8], { loop: "idle", failure: "ignore" }),
    call("madvise", [buffer, buffer.size, MADV.MADV_DONTNEED], { loop: "idle", failure: "ignore" }),
  ]);
}

/** A relay reads 0 and writes 1, and has nothing else open but what it needs besides. */
function addRelaySetUp(builder: PlanBuilder, stream: Stream, ended: Slot | undefined): void {
  const isInput = stream === "stdin";
  const isLogged = hasLog(builder, stream);
  builder.add({
    label: `set up the ${stream} relay`,
    shell: `exec cat <${sourceName(builder, stream)}`,
    reason: "It keeps what it copies between and a line for errors.",
    man: "dup(2)",
  }, [
    ...(isInput ? [call("dup3", [slot("stdin.write"), 1, 0])] : []),
    ...(stream === "stderr" && builder.host.isAttached ? [call("dup3", [2, 1, 0])] : []),
    ...(isInput ? [] : [call("dup3", [builder.hasTerminal ? MASTER : slot(`${stream}.read`), 0, 0])]),
    call("dup3", [FD.status, RELAY_STATUS, 0]),
    ...(isLogged ? [call("dup3", [slot(`${stream}.log`), RELAY_LOG, 0])] : []),
    ...(ended === undefined ? [] : [
      call("dup3", [ended, RELAY_PROCESS, 0]),
      call("fcntl", [0, F.F_SETFL, O.O_NONBLOCK]),
    ]),
    call("close_range", [isLogged || ended !== undefined ? RELAY_LOG + 1 : RELAY_STATUS + 1, LAST_FD, 0]),
  ]);
}

function addLogging(builder: PlanBuilder, stream: Stream): void {
  const { maxBytes, maxFiles } = builder.log;
  const head: Out = { out: `${stream}.frame`, size: FRAME.size };
  builder.add({
    label: `keep ${stream} in the log`,
    shell: `tee -a logs/${stream}`,
    reason: "What was read is written down with its time, in one piece.",
    man: "write(2)",
  }, [
    call("clock_gettime", [CLOCK.CLOCK_REALTIME, head], { loop: "stamp", failure: "ignore" }),
    call("write", [RELAY_LOG, head, slot(`${stream}.length`)], {
      loop: "keep",
      failure: "ignore",
      limit: { slot: `${stream}.log.end`, bytes: maxBytes },
    }),
  ]);
  builder.add({
    label: `count what the log of ${stream} could not keep`,
    shell: `truncate -s SIZE logs/${stream}`,
    reason: "On a full disk the container goes on: half a piece is taken back, and the loss noted.",
    man: "ftruncate(2)",
  }, [
    call("ftruncate", [RELAY_LOG, slot(`${stream}.size`)], { loop: "drop", failure: "ignore" }),
    call("lseek", [RELAY_LOG, slot(`${stream}.size`), SEEK.SEEK_SET], { loop: "drop", failure: "ignore" }),
    call("pwrite64", [RELAY_LOG, { out: `${stream}.frame`, at: FRAME.value, size: 8 }, 8, LOG_LOST_OFFSET], {
      loop: "drop",
      failure: "ignore",
    }),
  ]);
  const path = (age: number) => logPath(builder.host.containerDirectory, stream, age);
  const next = `${path(0)}.new`;
  const older = Array.from({ length: maxFiles - 1 }, (_, index) => maxFiles - 2 - index);
  builder.add({
    label: `begin a new file of the log of ${stream}`,
    shell: [...older.map((age) => `mv ${fileName(stream, age)} ${fileName(stream, age + 1)}`), `>${stream}`]
      .join("; "),
    reason: "A log takes only so much of the disk: the oldest file makes way for a new one.",
    man: "rename(2)",
  }, [
    call("openat", [AT_FDCWD, next, O.O_WRONLY | O.O_CREAT | O.O_TRUNC | O.O_CLOEXEC, LOG_MODE], {
      loop: "rotate",
      failure: "ignore",
      result: `${stream}.next`,
    }),
    call("write", [slot(`${stream}.next`), { logHead: stream }, LOG_HEAD_SIZE], {
      loop: "rotate",
      failure: "ignore",
    }),
    ...older.map((age) =>
      call("renameat2", [AT_FDCWD, path(age), AT_FDCWD, path(age + 1), 0], {
        loop: "rotate",
        failure: "ignore",
      })
    ),
    call("renameat2", [AT_FDCWD, next, AT_FDCWD, path(0), 0], { loop: "rotate", failure: "ignore" }),
    call("dup3", [slot(`${stream}.next`), RELAY_LOG, 0], { loop: "rotate", failure: "ignore" }),
    call("close", [slot(`${stream}.next`)], { loop: "rotate", failure: "ignore" }),
  ]);
}

function fileName(stream: Stream, age: number): string {
  return age === 0 ? stream : `${stream}.${age}`;
}
