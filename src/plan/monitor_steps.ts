/** The monitor's part of a plan: streams, relays, the clone, the wait, the end. Pure. */

import { shellLine } from "./shell_word.ts";
import { AF, MSG, SOCK } from "../../ffi/constants/netlink.ts";
import { CLONE } from "../../ffi/constants/clone.ts";
import { AT_FDCWD, O, OK } from "../../ffi/constants/open.ts";
import { POLL, SIG, SIG_IGN } from "../../ffi/constants/process.ts";
import { FD, LAST_FD } from "./descriptors.ts";
import { type Call, call, slot } from "./operation.ts";
import { executeSelf, type PlanBuilder } from "./plan_builder.ts";
import { NO_TIME, pollFirst, pollOne, record, twoDescriptors } from "./structures.ts";
import { RECORD, RECORD_SIZE } from "./records.ts";
import { addJoin, addJoiner } from "./join_steps.ts";
import { NAMESPACE_FLAG, NAMESPACE_OPTION } from "./namespace_words.ts";
import { addNetworkEnd, addNetworkHelper } from "./network_steps.ts";
import { addRelays, awaitRelay, pipedStreams, relayedStreams, streams } from "./relay_steps.ts";
import { addCgroup, addCgroupKill, addCgroupRemoval } from "./cgroup_steps.ts";
import { addEndEvent } from "./event_steps.ts";
import { addRaisedLimits } from "./setting_steps.ts";
import { addShiftedSources } from "./shift_steps.ts";
import { addTerminalLine, takeTerminal } from "./terminal_steps.ts";

const SIGSET_SIZE = 8;

/** The name of what a wait by the clock gave: 0 when the container had to be ended. */
export const IN_TIME = "in.time";

/** More than any program has of either; what is not there is not missed. */
const DONE_SIZE = 4 * 1024 * 1024;

/**
 * From the first instruction to the clone of the container: myctr writes its id maps while the monitor goes on.
 */
export function addMonitorStart(builder: PlanBuilder): void {
  builder.as("monitor");
  addLegacy(builder);
  addStreams(builder);
  addTerminalLine(builder);
  addRaisedLimits(builder);
  addCgroup(builder);
  addMonitorName(builder);
  addJoin(builder);
  addNetworkHelper(builder);
  addClone(builder);
}

/** The first steps of a program: none of the caller's descriptors, session and signals. */
export function addLegacy(builder: PlanBuilder): void {
  builder.add({
    label: "close inherited descriptors",
    shell: "exec 8>&- 9>&-",
    reason: "Nothing that the caller had open may reach the container.",
    man: "close_range(2)",
  }, [call("close_range", [builder.firstFree, LAST_FD, 0])]);
  builder.add({
    label: "start a session",
    shell: "setsid",
    reason: "Keys pressed in your terminal are for myctr, which passes them on.",
    man: "setsid(2)",
  }, [call("setsid", [])]);
  if (!builder.host.isAttached) {
    builder.add({
      label: "leave the directory",
      shell: "cd /",
      reason: "A container in the background keeps no directory of yours in use.",
      man: "chdir(2)",
    }, [call("chdir", ["/"])]);
  }
  const ignore = {
    struct: "sigaction",
    fields: { handler: BigInt(SIG_IGN), flags: 0n, restorer: 0n, mask: 0n },
  };
  builder.add({
    label: "ignore broken pipes",
    shell: "trap '' PIPE",
    reason: "A reader that goes away must not end the process that watches the container.",
    man: "sigaction(2)",
  }, [call("rt_sigaction", [SIG.SIGPIPE, ignore, null, SIGSET_SIZE])]);
  builder.add({
    label: "make the pipe that reports the start",
    shell: "mkfifo executed",
    reason: "It closes by itself at the instant when the command takes over.",
    man: "pipe(2)",
  }, [call("pipe2", [twoDescriptors("executed.read", "executed.write"), O.O_CLOEXEC])]);
}

/** Makes the pipes of the streams. */
export function addStreams(builder: PlanBuilder): void {
  for (const stream of pipedStreams(builder)) {
    const inner = stream === "stdin" ? "read" : "write";
    builder.add({
      label: `make the pipe for ${stream}`,
      shell: `mkfifo -m 666 ${stream}`,
      reason: `A pipe of our own lets every user in the container open /dev/${stream}.`,
      man: "pipe(2)",
    }, [
      call("pipe2", [twoDescriptors(`${stream}.read`, `${stream}.write`), O.O_CLOEXEC]),
      call("fchmod", [slot(`${stream}.${inner}`), 0o666]),
    ]);
  }
}

/** The monitor opens itself, for those who follow it. */
export function addMonitorName(builder: PlanBuilder): void {
  builder.add({
    label: "name the monitor",
    shell: "echo $$",
    reason: "The container asks this descriptor whether the process that watches it still lives.",
    man: "pidfd_open(2)",
  }, [
    call("getpid", [], { result: "monitor.pid" }),
    call("pidfd_open", [slot("monitor.pid"), 0], { result: "monitor" }),
  ]);
}

function addClone(builder: PlanBuilder): void {
  if (builder.sharesDescriptors) {
    builder.add({
      label: "make the line between monitor and container",
      shell: "socat - UNIX-CONNECT:line",
      reason: "Each tells the other when a mount is ready to be handed over.",
      man: "socketpair(2)",
    }, [
      call("socketpair", [
        AF.AF_UNIX,
        SOCK.SOCK_STREAM | SOCK.SOCK_CLOEXEC,
        0,
        twoDescriptors("line.monitor", "line.container"),
      ]),
    ]);
  }
  if (builder.joinedNamespaces.length === 0) return createNamespaces(builder, [tellPid()]);
  addJoiner(builder, () => createNamespaces(builder, []));
  builder.add({
    label: "see the container",
    shell: "kill -0 PID",
    reason: "It is a child of this process, as the joiner is; without the joiner there is none.",
    man: "pidfd_open(2)",
  }, [call("pidfd_open", [slot("container.pid"), 0], { result: "container" }), tellPid()]);
}

/** Clones the container: the monitor does it, or the joiner for the monitor. */
function createNamespaces(builder: PlanBuilder, more: readonly Call[]): void {
  const kinds = builder.newNamespaces;
  const isForParent = builder.joinedNamespaces.length > 0;
  // Shared descriptors are how the container shows its user namespace, and the monitor its mounts.
  let flags = builder.sharesDescriptors ? CLONE.CLONE_FILES : 0n;
  if (isForParent) flags |= CLONE.CLONE_PARENT;
  for (const kind of kinds) flags |= NAMESPACE_FLAG[kind];
  builder.add({
    label: "create the namespaces",
    shell: `unshare ${kinds.map((kind) => NAMESPACE_OPTION[kind]).join(" ")}`,
    reason: "A container is a process whose view of the machine is its own: this makes that view.",
    man: "clone(2)",
  }, [
    cloneProcess(builder, flags),
    ...more,
  ]);
}

/** The call that makes the process that becomes the command, in the container's cgroup where there is one. */
export function cloneProcess(builder: PlanBuilder, flags: bigint): Call {
  const hasCgroup = builder.host.cgroup !== undefined;
  const isForParent = (flags & CLONE.CLONE_PARENT) !== 0n;
  const fields = {
    flags: hasCgroup ? flags | CLONE.CLONE_INTO_CGROUP : flags,
    // A child of the parent's takes over the signal; the kernel refuses another one.
    ...(!isForParent && { exit_signal: BigInt(SIG.SIGCHLD) }),
    ...(hasCgroup && { cgroup: slot("cgroup") }),
  };
  return call("clone3", [{ struct: "clone_args", fields }, 88], {
    result: "container.pid",
    starts: "container",
  });
}

/** Tells myctr of that process. */
export function tellPid(): Call {
  return call("write", [FD.status, record(RECORD.pid, slot("container.pid")), RECORD_SIZE]);
}

/** What the monitor does while the container is put together: the mounts first, since the container waits for them. */
export function addMonitorHelp(builder: PlanBuilder): void {
  builder.as("monitor");
  if (builder.sharesDescriptors) addHandOver(builder);
  takeTerminal(builder);
  addRelays(builder);
}

/** From there to the container's command. */
export function addMonitorWait(builder: PlanBuilder): void {
  builder.as("monitor");
  const keepsInput = streams(builder).includes("stdin") && !builder.host.isAttached;
  builder.add({
    label: "keep only what the wait needs",
    shell: "exec 9>&-",
    reason: "A pipe ends when its last writer is gone, so nobody may hold it by accident.",
    man: "close_range(2)",
  }, [
    // With -i, and nobody attached, input does not end: the monitor holds the end that would be written to.
    ...(keepsInput ? [call("dup3", [slot("stdin.write"), 0, 0])] : []),
    call("close_range", [builder.firstFree + 1, LAST_FD, 0]),
    // The threads have the terminal: whoever leaves it shall have it for himself.
    ...(builder.hasTerminal ? [call("close_range", [0, 2, 0])] : []),
  ]);
  builder.add({
    label: "see the command take over",
    shell: "read <executed",
    reason: "End of file here means that the command runs.",
    man: "read(2)",
  }, [
    call("read", [slot("executed.read"), { out: "executed.byte", size: 1, shows: '""' }, 1]),
    call("write", [FD.status, record(RECORD.running), RECORD_SIZE]),
  ]);
  builder.add({
    label: "let go of what is done",
    shell: "exec sleep infinity",
    reason: "From here on there is only waiting: the memory of all the steps before is given back.",
    man: "munmap(2)",
  }, [
    call("munmap", [{ part: "done instructions" }, DONE_SIZE], { failure: "ignore" }),
    call("munmap", [{ part: "done data" }, DONE_SIZE], { failure: "ignore" }),
  ]);
}

function addHandOver(builder: PlanBuilder): void {
  builder.add({
    label: "wait for the container's user namespace",
    shell: "read <line",
    reason: "Ids can be shifted only by a user namespace whose map has been written.",
    man: "recv(2)",
  }, [
    // Both ends of the line are open here, as descriptors are shared: only the pidfd tells that the other is gone.
    call("pidfd_open", [slot("container.pid"), 0], { result: "container" }),
    call("ppoll", [
      pollFirst([slot("line.monitor"), slot("container")], POLL.POLLIN),
      2,
      null,
      null,
      SIGSET_SIZE,
    ]),
    call("recvfrom", [
      slot("line.monitor"),
      { out: "line.byte", size: 1 },
      1,
      MSG.MSG_DONTWAIT,
      null,
      null,
    ]),
  ]);
  addShiftedSources(builder);
  builder.add({
    label: "hand the mounts over",
    shell: "echo >line",
    reason: "The container attaches them itself, in its own view of the files.",
    man: "write(2)",
  }, [
    // First part with the shared descriptors: the container, let go, puts its streams on 0, 1 and 2.
    call("unshare", [CLONE.CLONE_FILES]),
    call("write", [slot("line.monitor"), { out: "line.byte", size: 1, shows: '"\\0"' }, 1]),
  ]);
}

/** Waits for the process that the monitor watches, and until all that it wrote has arrived; `onEnded` in between. */
export function addWait(
  builder: PlanBuilder,
  what: string,
  onEnded: (builder: PlanBuilder) => void = () => {},
): void {
  builder.add({
    label: `wait for the ${what}`,
    shell: "wait",
    reason: "Only its parent learns how a process ended.",
    man: "wait4(2)",
  }, [call("wait4", [slot("container.pid"), { out: "status|", slots: ["status"], size: 8 }, 0, null])]);
  onEnded(builder);
  const outputs = relayedStreams(builder).filter((stream) => stream !== "stdin");
  if (outputs.length > 0) {
    builder.add({
      label: "let the streams run dry",
      shell: "wait",
      reason: `What the ${what} wrote last is still on its way.`,
      man: "futex(2)",
    }, outputs.map(awaitRelay));
  }
}

/** From the wait for the end to the monitor's own. */
export function addReaping(builder: PlanBuilder): void {
  addWait(builder, "container", addCgroupKill);
  addNetworkEnd(builder);
  addCgroupRemoval(builder);
  builder.add({
    label: "keep the exit status",
    shell: "echo $? >exit",
    reason: "The status outlives the process, for whoever asks later.",
    man: "write(2)",
  }, [
    call("write", [FD.exit, { out: "status|", size: 4 }, 4], { failure: "ignore" }),
    ...inTimeCalls(builder),
    call("write", [FD.status, record(RECORD.exited, slot("status")), RECORD_SIZE], { failure: "ignore" }),
  ]);
  addEndEvent(builder);
  addLastCommand(builder);
}

/** The monitor becomes myctr where something is left to be done: a removal, or another start. */
function addLastCommand(builder: PlanBuilder): void {
  const { atEnd } = builder.host;
  if (atEnd === undefined) return;
  const { marker } = atEnd;
  const [shell, calls] = [shellLine(atEnd.argv), [executeSelf(atEnd, { failure: "ignore" })]];
  if (marker !== undefined) {
    builder.add({
      label: "see whether it is to be started again",
      shell: `test -e ${marker}`,
      reason: "The file is there while a restart policy holds: a stop by the user takes it away.",
      man: "access(2)",
    }, [call("faccessat", [AT_FDCWD, marker, OK.F_OK], { ends: "unless-zero", failure: "ignore" })]);
    builder.add({
      label: "see to another start",
      shell,
      reason: "myctr is started once more: it knows the policy, and how long to wait.",
      man: "execveat(2)",
    }, calls);
    return;
  }
  builder.add({
    label: "see whether myctr is still there",
    shell: "kill -0 $PPID",
    reason: "If so, it cleans up and nothing is left to do here.",
    man: "poll(2)",
  }, [
    call("ppoll", [pollOne(FD.go, POLL.POLLIN), 1, NO_TIME, null, SIGSET_SIZE], {
      ends: "on-zero",
      failure: "ignore",
    }),
  ]);
  builder.add({
    label: "clean up",
    shell,
    reason: "myctr was ended before its container: it is started once more to remove what is left.",
    man: "execveat(2)",
  }, calls);
}

/** Only whoever watched the clock knows that the end was not the container's own. */
function inTimeCalls(builder: PlanBuilder): Call[] {
  if (builder.annotation("timeout") === undefined) return [];
  const inTime = record(RECORD.inTime, slot(IN_TIME));
  return [FD.exit, FD.status].map((fd) => call("write", [fd, inTime, RECORD_SIZE], { failure: "ignore" }));
}
