/** A terminal of the container's own: made inside, its master handed to the monitor and to who stays. Pure. */

import { AF, MSG, SOCK } from "../../ffi/constants/netlink.ts";
import { AT_FDCWD, O, RESOLVE } from "../../ffi/constants/open.ts";
import { TIO } from "../../ffi/constants/terminal.ts";
import { SIG } from "../../ffi/constants/process.ts";
import { FD, LAST_FD, RELAY_PROCESS, RELAY_STATUS } from "./descriptors.ts";
import { type Call, call, type Passage, type Slot, slot } from "./operation.ts";
import { attach, openInRoot, openTree, type PlanBuilder, ROOT } from "./plan_builder.ts";
import { RECORD, RECORD_SIZE } from "./records.ts";
import { pollOne, record, twoDescriptors } from "./structures.ts";
import { startThread } from "./thread_steps.ts";

/** The side of the terminal that is read and written outside. */
export const MASTER = slot("master");

/** Not 0 once whoever stayed is gone: the name of what the guard's wait gave. */
export const GONE = slot("client.gone");

/** For chown(2): this id stays as it is. */
const SAME = -1;
const SIGSET_SIZE = 8;
/** It is nobody's controlling terminal until somebody asks for it. */
const TERMINAL_FLAGS = O.O_RDWR | O.O_NOCTTY | O.O_CLOEXEC;

function passage(name: string, descriptor: Passage["descriptor"], isReceived = false): Passage {
  return { passage: name, descriptor, ...(isReceived && { isReceived }) };
}

/** Before the clone: the way by which the terminal comes out of the container. */
export function addTerminalLine(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  builder.add({
    label: "make the line for the terminal",
    shell: "socat - UNIX-CONNECT:terminal",
    reason: "The terminal is made inside the container, and is read and written out here.",
    man: "socketpair(2)",
  }, [
    call("socketpair", [
      AF.AF_UNIX,
      SOCK.SOCK_STREAM | SOCK.SOCK_CLOEXEC,
      0,
      twoDescriptors("terminal.outside", "terminal.inside"),
    ]),
  ]);
}

/** While the root is put together: the first terminal of it, which is its console where both are its own. */
export function addTerminal(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  makeTerminal(builder, openInRoot("/dev/ptmx", MASTER.slot, { flags: TERMINAL_FLAGS }));
  if (hasOwnDevices(builder)) addConsole(builder);
}

/** In a container that runs, a link there could lead to what this process has open. */
export function addTerminalOfRunning(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  const how = {
    struct: "open_how",
    fields: { flags: BigInt(TERMINAL_FLAGS), mode: 0n, resolve: BigInt(RESOLVE.RESOLVE_NO_MAGICLINKS) },
  };
  makeTerminal(builder, call("openat2", [AT_FDCWD, "/dev/ptmx", how, 24], { result: MASTER.slot }));
  handTerminal(builder);
}

function makeTerminal(builder: PlanBuilder, opening: Call): void {
  const size = builder.host.terminal?.size;
  builder.add({
    label: "make a terminal",
    shell: "exec 9<>/dev/ptmx",
    reason: "Two ends: what is typed at the one, the program reads at the other, and the other way round.",
    man: "pty(7)",
  }, [
    opening,
    call("ioctl", [MASTER, TIO.TIOCSPTLCK, { out: "unlocked", size: 4, shows: "[0]" }]),
    // By the master alone: no path is looked up that somebody could have bent.
    call("ioctl", [MASTER, TIO.TIOCGPTPEER, TERMINAL_FLAGS], { result: "terminal" }),
    ...(size === undefined ? [] : [
      call("ioctl", [slot("terminal"), TIO.TIOCSWINSZ, {
        struct: "winsize",
        fields: { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 },
      }]),
    ]),
  ]);
}

/** Once it is known who the user is, and while this process may still do it. */
export function handTerminal(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  builder.add({
    label: "hand the terminal out",
    shell: "chown USER /dev/pts/0; socat OPEN:/dev/ptmx UNIX-LISTEN:terminal",
    reason: "The near end is the user's; the far one goes through a socket to the process that reads it.",
    man: "unix(7)",
  }, [
    call("fchown", [slot("terminal"), { answer: "uid" }, SAME]),
    call("sendmsg", [slot("terminal.inside"), passage("handed out", MASTER), 0]),
  ]);
}

/** Where the container's /dev and terminals are its own, the first terminal is its console. */
export function hasOwnDevices({ spec }: PlanBuilder): boolean {
  const has = (path: string, kind: string) =>
    spec.mounts.some(({ destination, type }) => destination === path && type === kind);
  return has("/dev", "tmpfs") && has("/dev/pts", "devpts");
}

function addConsole(builder: PlanBuilder): void {
  builder.add({
    label: "make it the console",
    shell: "mount --bind dev/pts/0 dev/console",
    reason: "Programs that write to the console write to this terminal.",
    man: "console(4)",
  }, [
    openTree("dev/pts/0", "console", { at: ROOT, isRecursive: false }),
    openInRoot("/dev/console", "console.place", { refuseLinks: true }),
    attach(slot("console"), slot("console.place")),
  ]);
}

/** The three streams: all of them the terminal, in place of pipes. */
export function addTerminalStreams(builder: PlanBuilder): void {
  builder.add({
    label: "connect the streams",
    shell: "exec 0<>terminal 1>&0 2>&0",
    reason: "Input, output and errors of the command are all the terminal.",
    man: "dup(2)",
  }, [0, 1, 2].map((number) => call("dup3", [slot("terminal"), number, 0])));
}

/** Keys like ctrl-c become signals only for the session that the terminal belongs to. */
export function addControl(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  const hasInit = builder.annotation("init") === "true";
  builder.add({
    label: "take control of the terminal",
    shell: "setsid --ctty",
    reason: "From here on ctrl-c and ctrl-z at the terminal are signals for the command.",
    man: "tty_ioctl(4)",
  }, [
    // With an init, the command leads a session of its own: a key's signal goes to the command, and once.
    ...(hasInit ? [call("setsid", [])] : []),
    call("ioctl", [0, TIO.TIOCSCTTY, 0]),
  ]);
}

/** In the monitor: takes the master from the container, and hands it on to who stays. */
export function takeTerminal(builder: PlanBuilder): void {
  if (!builder.hasTerminal) return;
  builder.as("monitor");
  const { client } = builder.others;
  builder.add({
    label: "take the terminal",
    shell: "exec 9<>terminal",
    reason: "What the container writes to its terminal is read from here.",
    man: "unix(7)",
  }, [
    // Else the container's own end, which it closes by ending, would stay open.
    call("close", [slot("terminal.inside")]),
    call("recvmsg", [
      slot("terminal.outside"),
      passage("taken", MASTER, true),
      MSG.MSG_CMSG_CLOEXEC,
    ], { ends: "on-zero" }),
    ...(client === undefined ? [] : [
      call("sendmsg", [client, passage("handed on", MASTER), 0], { failure: "ignore" }),
    ]),
  ]);
}

/**
 * Starts the threads that go with a terminal, or with input that others may have later. `process`: a command that ends
 * with who started it.
 */
export function addTerminalThreads(builder: PlanBuilder, process?: Slot): void {
  const { client, door } = builder.others;
  if (door !== undefined) addDoor(builder, door);
  if (client !== undefined) addGuard(builder, process);
  builder.as("monitor");
}

/** Whoever connects is given the container's input, and goes on without the monitor. */
function addDoor(builder: PlanBuilder, number: number): void {
  const input = builder.hasTerminal ? MASTER : slot("stdin.write");
  startThread(builder, "door", {
    shell: "while accept; do send; done &",
    reason: "Whoever wants to type to the container later asks this thread of the monitor.",
  });
  builder.add({
    label: "set up the door",
    shell: "exec <>door",
    reason: "It keeps the socket that is asked, what it gives, and a line for errors.",
    man: "dup(2)",
  }, [
    call("dup3", [number, 0, 0]),
    call("dup3", [input, 1, 0]),
    call("dup3", [FD.status, RELAY_STATUS, 0]),
    call("close_range", [RELAY_STATUS + 1, LAST_FD, 0]),
  ]);
  builder.add({
    label: "let clients in",
    shell: "while true; do accept; send; done",
    reason: "The socket lies in a directory of yours alone: nobody else gets here.",
    man: "accept(2)",
  }, [
    call("accept4", [0, null, null, SOCK.SOCK_CLOEXEC], { loop: "accept", result: "visiting" }),
    call("sendmsg", [slot("visiting"), passage("given", 1), MSG.MSG_NOSIGNAL], {
      loop: "pass",
      failure: "ignore",
    }),
    call("close", [slot("visiting")], { loop: "pass", failure: "ignore" }),
  ]);
}

/** The caller's terminal is raw while myctr stays. Whoever kills it must not be left with that. */
function addGuard(builder: PlanBuilder, process: Slot | undefined): void {
  const settings = builder.host.terminal?.settings;
  startThread(builder, "guard", {
    shell: "( wait; stty sane ) &",
    reason: "If myctr is killed, nobody else is there who would leave your terminal in order.",
  });
  addGuarding(builder, { settings, process });
}

/** What a guard puts in order, and whom it ends then. */
export interface Guarded {
  readonly settings: Uint8Array<ArrayBuffer> | undefined;
  readonly process?: Slot | undefined;
}

/** What a guard does, whoever it is: a thread, or a process of its own. */
export function addGuarding(builder: PlanBuilder, { settings, process }: Guarded): void {
  builder.add({
    label: "set up the guard",
    shell: "exec <go",
    reason: "It keeps your terminal, the line that ends with myctr, and one for what it has done.",
    man: "dup(2)",
  }, [
    call("dup3", [FD.go, 1, 0]),
    call("dup3", [FD.status, RELAY_STATUS, 0]),
    ...(process === undefined ? [] : [call("dup3", [process, RELAY_PROCESS, 0])]),
    call("close_range", [(process === undefined ? RELAY_STATUS : RELAY_PROCESS) + 1, LAST_FD, 0]),
  ]);
  builder.add({
    label: "wait until myctr is gone",
    shell: "tail -f /dev/null --pid $PPID",
    reason: "From then on nothing is written to your terminal any more: the log has it.",
    man: "poll(2)",
  }, [
    call("ppoll", [pollOne(1, 0), 1, null, null, SIGSET_SIZE], { result: GONE.slot, failure: "ignore" }),
  ]);
  if (settings !== undefined) addRestoring(builder, settings);
  if (process === undefined) return;
  builder.add({
    label: "end the command",
    shell: "kill -s KILL PID",
    reason:
      "It ends with who started it; not before the terminal is in order, since all of this ends with it.",
    man: "pidfd_send_signal(2)",
  }, [call("pidfd_send_signal", [RELAY_PROCESS, SIG.SIGKILL, null, 0], { failure: "ignore" })]);
}

function addRestoring(builder: PlanBuilder, settings: Uint8Array<ArrayBuffer>): void {
  builder.add({
    label: "put your terminal in order",
    shell: "stty SETTINGS",
    reason: "The settings are those from before: lines, echo and ctrl-c are there again.",
    man: "tty_ioctl(4)",
  }, [
    call("ioctl", [0, TIO.TCSETS, { bytes: settings, shows: "{settings}" }], { failure: "ignore" }),
    call("write", [RELAY_STATUS, record(RECORD.inOrder), RECORD_SIZE], { failure: "ignore" }),
  ]);
}
