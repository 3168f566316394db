/** An init as process 1: the command becomes its child; it forwards signals, and reaps whoever is left to it. Pure. */

import { PR, SFD, SIG, SIG_HOW, W } from "../../ffi/constants/process.ts";
import { O } from "../../ffi/constants/open.ts";
import { FD, LAST_FD } from "./descriptors.ts";
import { call, type Out, slot, type Struct } from "./operation.ts";
import { twoDescriptors } from "./structures.ts";
import type { PlanBuilder } from "./plan_builder.ts";

const SIGSET_SIZE = 8;
const EVERY_SIGNAL: Struct = { struct: "sigset", fields: { bits: 0xffff_ffff_ffff_ffffn } };
const NO_SIGNAL: Struct = { struct: "sigset", fields: { bits: 0n } };
/** Its first field is the signal's number. Source: signalfd(2), struct signalfd_siginfo. */
const SIGNAL: Out = { out: "siginfo", slots: ["signal"], size: 128 };
/** Where the init keeps its descriptor of signals: those of the start are of no use to it. */
const SIGNALS_FD = FD.go;
/** Where it keeps, until it is there, the end of the pipe by which the command learns that. */
const READY_FD = SIGNALS_FD + 1;

/** Whether the init is process 1 of a pid namespace of its own. */
function isFirst(builder: PlanBuilder): boolean {
  return builder.newNamespaces.includes("pid");
}

/** Gives the command a process of its own: what follows is done by it. */
export function addCommandProcess(builder: PlanBuilder): void {
  builder.add({
    label: "let signals be read",
    shell: "trap 'kill -s TERM $!' TERM",
    reason: "The kernel drops a signal for process 1 that has no handler, but not one that is waited for.",
    man: "signalfd(2)",
  }, [
    call("rt_sigprocmask", [SIG_HOW.SIG_SETMASK, EVERY_SIGNAL, null, SIGSET_SIZE]),
    call("signalfd4", [-1, EVERY_SIGNAL, SIGSET_SIZE, SFD.SFD_CLOEXEC], { result: "signals" }),
  ]);
  builder.add({
    label: "start the command's process",
    shell: "mkfifo ready; ( ... ) &",
    reason: "Process 1 stays the init; the command is its first child, and waits until it is one.",
    man: "clone(2)",
  }, [
    call("pipe2", [twoDescriptors("ready.read", "ready.write"), O.O_CLOEXEC]),
    // clone3(2) is refused by the filter of system calls, which can't look into its structure.
    call("clone", [SIG.SIGCHLD, 0, 0, 0, 0], { result: "command.pid", starts: "command" }),
  ]);
  builder.as("command");
  builder.add({
    label: "let signals come again",
    shell: "trap - TERM",
    reason: "A program starts with no signal blocked.",
    man: "sigprocmask(2)",
  }, [
    // Where the init is process 1, the kernel ends its children with it.
    ...(isFirst(builder) ? [] : [call("prctl", [PR.PR_SET_PDEATHSIG, SIG.SIGKILL])]),
    call("rt_sigprocmask", [SIG_HOW.SIG_SETMASK, NO_SIGNAL, null, SIGSET_SIZE]),
  ]);
  builder.add({
    label: "wait for the init",
    shell: "read <ready",
    reason: "The pipe ends when it is there: from then on its streams can be opened, and it reaps.",
    man: "read(2)",
  }, [
    call("close", [slot("ready.write")]),
    call("read", [slot("ready.read"), { out: "ready.byte", size: 1 }, 1]),
  ]);
}

/** What process 1 does from then on. */
export function addInit(builder: PlanBuilder): void {
  builder.as("container");
  builder.add({
    label: "become the init",
    shell: "exec -a init",
    reason: "It keeps the three streams and its signals, and nothing of the start.",
    man: "prctl(2)",
  }, [
    call("prctl", [PR.PR_SET_NAME, "init"]),
    // Process 1 of a namespace is given the orphans; among others' processes it has to ask for them.
    ...(isFirst(builder) ? [] : [call("prctl", [PR.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0])]),
    call("dup3", [slot("signals"), SIGNALS_FD, O.O_CLOEXEC]),
    call("dup3", [slot("ready.write"), READY_FD, O.O_CLOEXEC]),
    call("close_range", [READY_FD + 1, LAST_FD, 0]),
    // Programs log by writing to /proc/1/fd/1; nothing in this process is worth hiding any more.
    call("prctl", [PR.PR_SET_DUMPABLE, 1]),
    call("close", [READY_FD]),
  ]);
  builder.add({
    label: "forward signals and reap children",
    shell: "while wait -n; do :; done",
    reason: "It ends when the command does, with the same exit code.",
    man: "wait4(2)",
  }, [
    call("read", [SIGNALS_FD, SIGNAL, SIGNAL.size], { loop: "signal" }),
    call("kill", [slot("command.pid"), slot("signal")], { loop: "forward", failure: "ignore" }),
    call("wait4", [-1, { out: "command.status|", slots: ["command.status"], size: 8 }, W.WNOHANG, null], {
      loop: "reap",
    }),
  ]);
}
