/** The plan of `myctr exec`: one more process in a container that runs. Pure. */

import { CLONE } from "../../ffi/constants/clone.ts";
import { AT_FDCWD, O, RESOLVE } from "../../ffi/constants/open.ts";
import { POLL, PR, SIG } from "../../ffi/constants/process.ts";
import type { HostFacts } from "../host/host_facts.ts";
import type { NamespaceType, Spec } from "../spec/types.ts";
import { ANSWER } from "./answer.ts";
import { addCommand } from "./command_steps.ts";
import { FD, PROCESS_1 } from "./descriptors.ts";
import { addEndEvent } from "./event_steps.ts";
import { addInheritance, addRights } from "./identity_steps.ts";
import { addHelper, addHelperEnd } from "./join_steps.ts";
import {
  addLegacy,
  addMonitorName,
  addMonitorWait,
  addStreams,
  addWait,
  cloneProcess,
  tellPid,
} from "./monitor_steps.ts";
import { pollFirst, record } from "./structures.ts";
import { NAMESPACE_FLAG, NAMESPACE_OPTION } from "./namespace_words.ts";
import { call, type Plan, slot, type Struct } from "./operation.ts";
import { PlanBuilder } from "./plan_builder.ts";
import { RECORD, RECORD_SIZE } from "./records.ts";
import { addRelays } from "./relay_steps.ts";
import { addIds, followMonitor } from "./root_steps.ts";
import { addTerminalLine, addTerminalOfRunning, takeTerminal } from "./terminal_steps.ts";
import { addRaisedLimits } from "./setting_steps.ts";

/** What the plan needs to know besides: of the container as it runs. */
export interface ExecFacts extends HostFacts {
  /** The kinds of which its process 1 has others than the caller. */
  readonly joins: readonly NamespaceType[];
}

const SIGSET_SIZE = 8;

/** Builds the plan of a process that joins a container, of its specification with what exec asks for in its place. */
export function buildExecPlan(spec: Spec, facts: ExecFacts): Plan {
  const builder = new PlanBuilder(spec, facts, { isExec: true });
  builder.as("monitor");
  addLegacy(builder);
  addStreams(builder);
  addTerminalLine(builder);
  addRaisedLimits(builder);
  openCgroup(builder);
  addMonitorName(builder);
  // Seen from inside, the container's own cgroup is the top, and nobody can be put there who comes from outside of it:
  // where the group is entered, that kind of namespace is joined behind the clone. See cgroup_namespaces(7), nsdelegate.
  const isLate = (kind: NamespaceType) => kind === "cgroup" && facts.cgroup !== undefined;
  addJoiner(builder, facts.joins.filter((kind) => !isLate(kind)));
  addProcess(builder, facts.joins.some(isLate));
  addHelperEnd(builder, "joiner");
  openProcess(builder);
  takeTerminal(builder);
  addRelays(builder, slot("process"));
  addMonitorWait(builder);
  addWatch(builder);
  addWait(builder, "command");
  addReport(builder);
  addEndEvent(builder);
  return { operations: builder.operations, isExec: true };
}

function openCgroup(builder: PlanBuilder): void {
  const { cgroup } = builder.host;
  if (cgroup === undefined) return;
  builder.add({
    label: "open the container's cgroup",
    shell: `cd ${cgroup}`,
    reason: "What stops or ends all processes of the container shall reach this one too.",
    man: "cgroups(7)",
  }, [call("openat", [AT_FDCWD, cgroup, O.O_RDONLY | O.O_DIRECTORY | O.O_CLOEXEC, 0], { result: "cgroup" })]);
}

/**
 * A process of its own enters the container: so the monitor stays outside, and may have threads, which nobody may who
 * joins users or processes. What it starts there is the monitor's child, not its own.
 */
function addJoiner(builder: PlanBuilder, joins: readonly NamespaceType[]): void {
  addHelper(builder, "joiner", {
    reason: "Only it enters the container; the monitor waits, and never is inside.",
    flags: 0n,
  });
  addOwnOomScore(builder);
  builder.add({
    label: "hide the process",
    shell: "chmod 0400 /proc/self/*",
    reason: "Until it is the command, nobody inside may look at its memory or at what it has open.",
    man: "prctl(2)",
  }, [call("prctl", [PR.PR_SET_DUMPABLE, 0, 0, 0, 0])]);
  builder.add({
    label: "join the container",
    shell: `nsenter --target PID ${joins.map((kind) => NAMESPACE_OPTION[kind].split(" ")[0]).join(" ")}`,
    reason:
      "It sees the machine as the container does: its files, network, users, and whom it starts is among its processes.",
    man: "setns(2)",
  }, [
    ...followMonitor(),
    call("setns", [PROCESS_1, Number(joins.reduce((flags, kind) => flags | NAMESPACE_FLAG[kind], 0n))]),
  ]);
  builder.add({
    label: "start the command's process",
    shell: "( ... ) &",
    reason: "It is born inside, and its parent is the monitor, which learns how it ends.",
    man: "clone(2)",
  }, [cloneProcess(builder, CLONE.CLONE_PARENT), tellPid()]);
}

/** As the container's process 1 was given; by the joiner, which has the right to lower it, and to its own files yet. */
function addOwnOomScore(builder: PlanBuilder): void {
  const score = builder.spec.process.oomScoreAdj;
  if (score === undefined) return;
  const text = String(score);
  builder.add({
    label: "set how soon the kernel kills the command",
    shell: `echo ${text} >/proc/self/oom_score_adj`,
    reason:
      "When memory runs out, the kernel kills processes with high scores first; what it starts inherits it.",
    man: "proc_pid_oom_score_adj(5)",
  }, [
    call("openat", [AT_FDCWD, "/proc/self/oom_score_adj", O.O_WRONLY | O.O_CLOEXEC, 0], {
      result: "oom.score",
    }),
    call("write", [slot("oom.score"), text, text.length]),
  ]);
}

/** From the new process's first instruction to the command. */
function addProcess(builder: PlanBuilder, joinsCgroup: boolean): void {
  builder.as("container");
  builder.add({
    label: "follow the monitor",
    shell: "setpriv --pdeathsig KILL",
    reason: "The command ends when the process that watches it ends.",
    man: "prctl(2)",
  }, followMonitor());
  if (builder.host.cgroup !== undefined) {
    builder.add({
      label: "close what is outside",
      shell: "exec 9>&-",
      reason: "A directory of the machine, held open, would be a way out of the container.",
      man: "close(2)",
    }, [call("close", [slot("cgroup")])]);
  }
  if (joinsCgroup) {
    builder.add({
      label: "join the container's view of cgroups",
      shell: "nsenter --target PID --cgroup",
      reason:
        "It is in the container's group already; now it sees that as the top of all, as the container does.",
      man: "setns(2)",
    }, [call("setns", [PROCESS_1, Number(CLONE.CLONE_NEWCGROUP)])]);
  }
  builder.add({
    label: "ask who the user is",
    shell: "getent passwd USER",
    reason: "myctr takes hold of this process first; it has looked the user up in the container's files.",
    man: "passwd(5)",
  }, [call("read", [FD.go, { answer: "all" }, ANSWER.size], { ends: "on-zero" })]);
  addIds(builder);
  builder.add({
    label: "start a session in the container",
    shell: "setsid",
    reason: "The command leads a session of its own, apart from your terminal.",
    man: "setsid(2)",
  }, [call("setsid", [])]);
  addInheritance(builder);
  openNull(builder);
  addTerminalOfRunning(builder);
  addRights(builder);
  addCommand(builder, { hasNull: true });
}

/** The container's root is not of our making any more: a link there could lead to what this process has open. */
function openNull(builder: PlanBuilder): void {
  const how: Struct = {
    struct: "open_how",
    fields: {
      flags: BigInt(O.O_RDWR | O.O_NOCTTY | O.O_CLOEXEC),
      mode: 0n,
      resolve: BigInt(RESOLVE.RESOLVE_NO_MAGICLINKS),
    },
  };
  builder.add({
    label: "open /dev/null",
    shell: "exec 9<>/dev/null",
    reason: "Streams that lead nowhere end there; a link to what this process has open is refused.",
    man: "openat2(2)",
  }, [call("openat2", [AT_FDCWD, "/dev/null", how, 24], { result: "null" })]);
}

/** Relays end with it: each keeps a descriptor of it. */
function openProcess(builder: PlanBuilder): void {
  builder.add({
    label: "see the command's process",
    shell: "kill -0 PID",
    reason: "It is a child of this process, as the joiner was; without the joiner there is none.",
    man: "pidfd_open(2)",
  }, [call("pidfd_open", [slot("container.pid"), 0], { result: "process" })]);
}

/**
 * Waits for whatever comes first, and ends the command: its own end, to which a signal is nothing; that of the container,
 * where that does not end all of its processes; and that of myctr, unless nobody is meant to stay.
 */
function addWatch(builder: PlanBuilder): void {
  // With a terminal, its guard sees that myctr is gone.
  const isWatching = builder.host.isAttached && !builder.hasTerminal;
  const process = slot("command.process");
  const ends = pollFirst(isWatching ? [process, PROCESS_1, FD.go] : [process, PROCESS_1], POLL.POLLIN);
  builder.add({
    label: `wait for the end of command, container${isWatching ? " or myctr" : ""}`,
    shell: "wait -n; kill -s KILL PID",
    reason: "When one of them ends the command shall end too; to one that has ended a signal is nothing.",
    man: "ppoll(2)",
  }, [
    call("pidfd_open", [slot("container.pid"), 0], { result: "command.process" }),
    call("ppoll", [ends, isWatching ? 3 : 2, null, null, SIGSET_SIZE]),
    call("pidfd_send_signal", [process, SIG.SIGKILL, null, 0], { failure: "ignore" }),
  ]);
}

function addReport(builder: PlanBuilder): void {
  builder.add({
    label: "tell how the command ended",
    shell: "echo $?",
    reason: "myctr ends with the same exit code.",
    man: "write(2)",
  }, [call("write", [FD.status, record(RECORD.exited, slot("status")), RECORD_SIZE], { failure: "ignore" })]);
}
