/**
 * Namespaces of other containers that the new one joins. Pure.
 *
 * The monitor never enters them: from another's user namespace there is no way back to the machine's processes. What
 * enters is a child that shares the monitor's memory, so that its results are known there, and holds it up meanwhile.
 */

import { CLONE } from "../../ffi/constants/clone.ts";
import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { PR, SIG } from "../../ffi/constants/process.ts";
import { FD, USER_NAMESPACE } from "./descriptors.ts";
import { NAMESPACE_FLAG } from "./namespace_words.ts";
import { type Actor, type Call, call, slot } from "./operation.ts";
import { type JoinedNamespace, openInRoot, openTree, type PlanBuilder } from "./plan_builder.ts";
import { followMonitor } from "./root_steps.ts";
import { addShiftedSources } from "./shift_steps.ts";
import { maybeSharedMemory, SHARED_MEMORY } from "./sources.ts";

/** Opens what is shared with other containers, with the rights that the monitor has outside. */
export function addJoin(builder: PlanBuilder): void {
  const joined = builder.joinedNamespaces;
  if (joined.length === 0) return;
  const shared = maybeSharedMemory(builder.spec);
  const opened = shared === undefined ? joined : [...joined, { type: "mount", path: shared.mounts } as const];
  const isShifted = builder.isIdmapped && builder.isJoined;
  builder.add({
    label: "hide from the other container",
    shell: "setpriv --ptracer none",
    reason: "What still has the machine's files in hand must not be looked into from there.",
    man: "prctl(2)",
  }, [call("prctl", [PR.PR_SET_DUMPABLE, 0])]);
  builder.add({
    label: "open the namespaces of the other container",
    shell: opened.map(({ path }, index) => `exec ${index + 8}<${path}`).join("; "),
    reason: "A descriptor of each keeps it there, even if that container ends now.",
    man: "namespaces(7)",
  }, [
    ...opened.map(({ type, path }) =>
      call("openat", [AT_FDCWD, path, O.O_RDONLY | O.O_CLOEXEC, 0], { result: `joined ${type}` })
    ),
    ...(isShifted ? [call("dup3", [slot("joined user"), USER_NAMESPACE, O.O_CLOEXEC])] : []),
  ]);
  if (isShifted) {
    builder.add({
      label: "wait until the files are there",
      shell: "read <go",
      reason: "What the container is given is opened here, while root of the machine; myctr writes it first.",
      man: "read(2)",
    }, [call("read", [FD.go, { out: "go.byte", size: 1 }, 1], { ends: "on-zero" })]);
    addShiftedSources(builder);
  }
  if (shared !== undefined) addVisit(builder);
}

/** Takes the shared memory of the container whose ipc namespace is joined: only from inside its mounts it can be had. */
function addVisit(builder: PlanBuilder): void {
  const users = builder.joinedNamespaces.filter(({ type }) => type === "user");
  const mounts: JoinedNamespace = { type: "mount", path: maybeSharedMemory(builder.spec)!.mounts };
  addHelper(builder, "visitor", {
    reason: "It shares the monitor's descriptors: what it opens in the other container stays open here.",
    flags: CLONE.CLONE_FILES,
  });
  builder.add({
    label: "enter the files of the other container",
    shell: `nsenter ${optionsOf([...users, mounts])}`,
    reason: "A mount can be copied only by a process that sees it in its own view of the files.",
    man: "setns(2)",
  }, [...followMonitor(), ...[...users, mounts].map(enter)]);
  builder.add({
    label: "open the shared memory",
    shell: "mount --bind /dev/shm /mnt",
    reason: "The new container gets this very memory at the same place; a link is not followed.",
    man: "open_tree(2)",
  }, [
    openInRoot("/dev/shm", "other shm", { at: AT_FDCWD, isDirectory: true, refuseLinks: true }),
    openTree("", SHARED_MEMORY.slot, { at: slot("other shm"), isRecursive: false }),
  ]);
  addHelperEnd(builder, "visitor");
}

/** Has the container cloned, by `create`, by a process that has entered the others: as a child of the monitor's. */
export function addJoiner(builder: PlanBuilder, create: () => void): void {
  addHelper(builder, "joiner", {
    reason: "It enters the other container, and so what it starts is there; the monitor stays where it is.",
    flags: 0n,
  });
  builder.add({
    label: "join the other container",
    shell: `nsenter ${optionsOf(builder.joinedNamespaces)}`,
    reason:
      "What is started from here on shares them; users come first, since they give the right to the rest.",
    man: "setns(2)",
  }, [...followMonitor(), ...builder.joinedNamespaces.map(enter)]);
  create();
  addHelperEnd(builder, "joiner");
}

/**
 * In the container that has left the machine's files: myctr, as an ordinary user, has to look at its root, and so may
 * whoever has the rights in the other container.
 */
export function addShowing(builder: PlanBuilder): void {
  const { kind } = builder.host.idMap;
  // Root may look anyway.
  if (!builder.isJoined || kind === "range" || kind === "host") return;
  builder.add({
    label: "show the root to myctr",
    shell: "exec 5>&- 6>&- 7>&-",
    reason: "Nothing outside can be reached through this process any more, once these are closed.",
    man: "prctl(2)",
  }, [
    call("close_range", [FD.exit, FD.executable, 0]),
    call("prctl", [PR.PR_SET_DUMPABLE, 1]),
  ]);
}

/** Starts a process that enters a container in place of the monitor: it has its memory, and holds it up meanwhile. */
export function addHelper(
  builder: PlanBuilder,
  actor: Actor,
  { reason, flags }: { readonly reason: string; readonly flags: bigint },
): void {
  const all = CLONE.CLONE_VM | CLONE.CLONE_VFORK | flags;
  builder.add({ label: `start the ${actor}`, shell: "( ... )", reason, man: "vfork(2)" }, [
    call("clone3", [{ struct: "clone_args", fields: { flags: all, exit_signal: BigInt(SIG.SIGCHLD) } }, 88], {
      result: `${actor}.pid`,
      starts: actor,
    }),
  ]);
  builder.as(actor);
}

/** Its end, which is soon. */
export function addHelperEnd(builder: PlanBuilder, actor: Actor): void {
  builder.as("monitor");
  builder.add({
    label: `see the ${actor} end`,
    shell: "wait",
    reason: "It has done its work, or has said why not.",
    man: "wait4(2)",
  }, [call("wait4", [slot(`${actor}.pid`), null, 0, null], { failure: "ignore" })]);
}

function enter({ type }: JoinedNamespace): Call {
  return call("setns", [slot(`joined ${type}`), Number(NAMESPACE_FLAG[type])]);
}

function optionsOf(namespaces: readonly JoinedNamespace[]): string {
  return namespaces.map(({ type, path }) => `--${type === "network" ? "net" : type}=${path}`).join(" ");
}
