/**
 * The program that connects a container without root's rights. Pure.
 *
 * It is a child of the monitor's, and ends with it. It is started before the container, and waits for the container's
 * namespaces to be shown: only who is in them can open them before anything is mounted.
 */

import { AT_FDCWD, CLOSE_RANGE, O } from "../../ffi/constants/open.ts";
import { AF, MSG, SOCK } from "../../ffi/constants/netlink.ts";
import { POLL, SIG } from "../../ffi/constants/process.ts";
import { LAST_FD } from "./descriptors.ts";
import { HELPER_FD, helperWords } from "./network_helper.ts";
import { type Call, call, type Passage, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { followMonitor } from "./root_steps.ts";
import { shellLine } from "./shell_word.ts";
import { pollOne, timeOf, twoDescriptors } from "./structures.ts";

const SIGSET_SIZE = 8;
/** How long a helper that was killed may take to end. */
const PATIENCE_MS = 1000;
const LINE = { helper: "network.helper", container: "network.container" } as const;
const PID = "network.pid";

interface Shown {
  readonly file: "net" | "user";
  readonly result: string;
  readonly to: number;
}

/** What of the container the helper is given. */
function shown({ hasUserNamespace }: PlanBuilder): readonly Shown[] {
  return [
    { file: "net", result: "shown.network", to: HELPER_FD.network },
    ...(hasUserNamespace ? [{ file: "user", result: "shown.users", to: HELPER_FD.users } as const] : []),
  ];
}

/** In the monitor, before the container is there: starts what will become the helper. */
export function addNetworkHelper(builder: PlanBuilder): void {
  const { network: says } = builder.others;
  if (says === undefined) return;
  const { kind } = builder.host.network!;
  builder.add({
    label: "make the line to the network helper",
    shell: "socat - UNIX-CONNECT:network",
    reason: "The container shows its network there, to the program that is to connect it.",
    man: "socketpair(2)",
  }, [
    call("socketpair", [
      AF.AF_UNIX,
      SOCK.SOCK_STREAM | SOCK.SOCK_CLOEXEC,
      0,
      twoDescriptors(LINE.helper, LINE.container),
    ]),
  ]);
  builder.add({
    label: "start the network helper",
    shell: "( ... ) &",
    reason: "It stays outside, where the network is, and ends with this process.",
    man: "clone(2)",
  }, [
    call("clone3", [{ struct: "clone_args", fields: { flags: 0n, exit_signal: BigInt(SIG.SIGCHLD) } }, 88], {
      result: PID,
      starts: "network helper",
    }),
    // Nobody else holds what it says: its end is the end of that.
    call("close_range", [says, says, 0]),
    call("close", [slot(LINE.helper)]),
  ]);
  addHelper(builder, { says, kind });
  builder.as("monitor");
}

function addHelper(
  builder: PlanBuilder,
  { says, kind }: { readonly says: number; readonly kind: "pasta" | "slirp4netns" },
): void {
  const isRoot = builder.host.idMap.kind !== "caller" && builder.host.idMap.kind !== "single";
  const words = helperWords(builder.host.network!, { isRoot, hasUsers: builder.hasUserNamespace });
  const usual = { struct: "sigaction", fields: { handler: 0n, flags: 0n, restorer: 0n, mask: 0n } };
  builder.as("network helper");
  builder.add({
    label: "follow the monitor",
    shell: "setpriv --pdeathsig KILL",
    reason: "The container's network ends when the process that watches the container ends.",
    man: "prctl(2)",
  }, followMonitor());
  builder.add({
    label: "take the network of the container",
    shell: shown(builder).map(({ file, to }) => `exec ${to}</proc/PID/ns/${file}`).join("; "),
    reason: "Whoever holds it can put a device into it.",
    man: "unix(7)",
  }, [
    ...shown(builder).map(({ result }) =>
      call("recvmsg", [slot(LINE.helper), passage(`taken ${result}`, result, true), MSG.MSG_CMSG_CLOEXEC], {
        ends: "on-zero",
      })
    ),
    ...shown(builder).map(({ result, to }) => call("dup3", [slot(`taken ${result}`), to, 0])),
    // Nothing that it says is for the caller.
    ...(builder.hasUserNamespace ? [] : [call("dup3", [says, HELPER_FD.users, 0])]),
    call("dup3", [says, HELPER_FD.says, 0]),
    call("close_range", [HELPER_FD.says + 1, LAST_FD, CLOSE_RANGE.CLOSE_RANGE_CLOEXEC]),
  ]);
  const asksThere = kind === "slirp4netns" && builder.host.network!.ports.length > 0;
  builder.add({
    label: `become ${kind}`,
    shell: shellLine(words),
    reason: "It copies between a device in the container and sockets of your own: that takes no rights.",
    man: `${kind}(1)`,
  }, [
    // Some of its versions take an ignored signal for a failure of the call that ignores it.
    ...(kind === "pasta" ? [call("rt_sigaction", [SIG.SIGPIPE, usual, null, SIGSET_SIZE])] : []),
    ...(asksThere ? [call("chdir", [builder.host.containerDirectory])] : []),
    call("execve", [words[0]!, { texts: words }, { texts: ["PATH=/usr/bin:/bin:/usr/sbin:/sbin"] }]),
  ]);
}

function passage(name: string, descriptor: string, isReceived = false): Passage {
  return {
    passage: name,
    descriptor: slot(isReceived ? name : descriptor),
    ...(isReceived && { isReceived }),
  };
}

/** In the container, once its ids are mapped. */
export function showNetwork(builder: PlanBuilder): void {
  if (builder.others.network === undefined) return;
  builder.add({
    label: "show the network",
    shell: "nsenter --net=/proc/PID/ns/net",
    reason: "Only what lies outside leads out: the helper there puts a device into this network.",
    man: "unix(7)",
  }, [
    ...shown(builder).flatMap(({ file, result }): Call[] => [
      call("openat", [AT_FDCWD, `/proc/self/ns/${file}`, O.O_RDONLY | O.O_CLOEXEC, 0], { result }),
      call("sendmsg", [slot(LINE.container), passage(result, result), MSG.MSG_NOSIGNAL]),
    ]),
  ]);
}

/** Ends the helper, so that what is published is free again when the end is told. */
export function addNetworkEnd(builder: PlanBuilder): void {
  if (builder.others.network === undefined) return;
  builder.add({
    label: "end the network helper",
    shell: "kill -s KILL PID; wait",
    reason: "Nothing is left to be connected, and its ports are free for the next container.",
    man: "kill(2)",
  }, [
    call("pidfd_open", [slot(PID), 0], { result: "network.ended", failure: "ignore" }),
    call("kill", [slot(PID), SIG.SIGKILL], { failure: "ignore" }),
    call("ppoll", [pollOne(slot("network.ended"), POLL.POLLIN), 1, timeOf(PATIENCE_MS), null, SIGSET_SIZE], {
      failure: "ignore",
    }),
  ]);
}
