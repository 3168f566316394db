/** The containers of which another one joins the network, the processes or the shared memory. */

import { awaitEnd } from "../../ffi/process.ts";
import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { readText } from "../host/read_text.ts";
import { idMapLines } from "../plan/id_maps.ts";
import { JOINABLE, type JoinedContainer } from "../spec/choose_namespaces.ts";
import { JOINED_ANNOTATION } from "../spec/rejoin.ts";
import type { RunRequest } from "../spec/request.ts";
import type { Spec } from "../spec/types.ts";
import { maybeReadState, readPidStart } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import type { Joins } from "./joins.ts";
import { ENDING_MS, maybeOpenProcess } from "./live_container.ts";

/** A running container, and what tells its process from a later one with its number. */
export interface Joined extends JoinedContainer {
  readonly reference: string;
  readonly pidStart: string;
}

type Kind = typeof JOINABLE[number];

/** What is joined, and of whom: as the flags say. */
export type JoinedByKind = { readonly [Each in Kind]?: Joined };

/** Names in /proc/PID/ns, and what messages call them. */
const KINDS: Readonly<Record<Kind, { readonly file: string; readonly noun: string }>> = {
  network: { file: "net", noun: "network" },
  pid: { file: "pid", noun: "pid namespace" },
  ipc: { file: "ipc", noun: "ipc namespace" },
};

/**
 * Finds the containers of --network, --pid and --ipc=container:NAME.
 *
 * @throws {CtrError} code "not_found", "bad_state" (one does not run), "usage" (what is asked for is the machine's, or
 * the new container would replace it), "unsupported" (they have different users)
 */
export function findJoined(request: RunRequest): Joins {
  const found: { [Each in Kind]?: Joined } = {};
  for (const kind of JOINABLE) {
    const value = request[kind];
    if (value?.startsWith("container:")) {
      found[kind] = findOther(kind, value.slice("container:".length), request);
    }
  }
  refuseOtherUsers(found);
  return joinsTo(found);
}

/**
 * Finds those that a container was made to join, for another start of it.
 *
 * @throws {CtrError} as {@link findJoined}
 */
export function findJoinedAgain({ annotations }: Spec): Joins {
  const found: { [Each in Kind]?: Joined } = {};
  for (const kind of JOINABLE) {
    const id = annotations[JOINED_ANNOTATION[kind]];
    if (id !== undefined) found[kind] = findOther(kind, id, {});
  }
  refuseOtherUsers(found);
  return joinsTo(found);
}

function findOther(
  kind: Kind,
  reference: string,
  { replace, name }: Partial<Pick<RunRequest, "replace" | "name">>,
): Joined {
  const id = findContainer(reference);
  const { pid, pidStart, name: own } = maybeReadState(id) ?? {};
  if (!isLocked(id) || pid === undefined || pidStart === undefined || readPidStart(pid) !== pidStart) {
    throw notRunning(kind, reference);
  }
  if (replace && own === name) {
    throw cannotJoin("usage", { kind, reference, problem: "--replace ends it", hint: "Leave out --replace" });
  }
  const isOurs = (file: string) => {
    const theirs = maybeNamespace(pid, file);
    if (theirs === undefined) throw notRunning(kind, reference);
    return theirs === Deno.readLinkSync(`/proc/self/ns/${file}`);
  };
  if (isOurs(KINDS[kind].file)) {
    const hint = `Write --${kind}=host`;
    throw cannotJoin("usage", { kind, reference, problem: "it is this machine's", hint });
  }
  if (kind === "ipc") refuseWithoutMemory(pid, reference);
  return { reference, id, pid, pidStart, hasUserNamespace: !isOurs("user") };
}

/** Names a namespace of a process; undefined where the process has ended. */
function maybeNamespace(pid: number, file: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/ns/${file}`);
  } catch {
    return undefined;
  }
}

/** While a container starts it still sees the machine's /dev/shm, which must not be taken for its own. */
function refuseWithoutMemory(pid: number, reference: string): void {
  const kind = "ipc";
  const device = maybeSharedMemory(pid);
  if (maybeNamespace(pid, "mnt") === undefined) throw notRunning(kind, reference);
  if (device === undefined) {
    const hint = "Start it without --ipc=none, and without a volume at /dev/shm";
    throw cannotJoin("usage", { kind, reference, problem: "it has no /dev/shm in memory", hint });
  }
  if (device === maybeSharedMemory("self")) {
    const hint = "Wait until it runs, or start it without this machine's /dev/shm as a volume";
    throw cannotJoin("bad_state", { kind, reference, problem: "its /dev/shm is this machine's", hint });
  }
}

/**
 * Tells the device of what a process sees at /dev/shm; undefined where that is not in memory.
 * Source: proc_pid_mountinfo(5): device and place are the third and fifth field, behind the hyphen stands the type.
 */
function maybeSharedMemory(pid: number | "self"): string | undefined {
  const lines = readText(`/proc/${pid}/mountinfo`).split("\n");
  const last = lines.findLast((line) => line.split(" ")[4] === "/dev/shm");
  return last !== undefined && / - tmpfs /.test(last) ? last.split(" ")[2] : undefined;
}

/** A process is in one user namespace, and that one has to give the rights over all that it joins. */
function refuseOtherUsers(joined: JoinedByKind): void {
  const [first, ...others] = Object.values(joined);
  const users = ({ pid }: Joined) => maybeNamespace(pid, "user");
  const other = others.find((each) => each.id !== first!.id && users(each) !== users(first!));
  if (other === undefined) return;
  refuseEnding(joined);
  throw new CtrError(
    "unsupported",
    `Cannot join both "${first!.reference}" and "${other.reference}": each has users of its own`,
    { hint: "Let one of them join the other when it starts, as with --ipc=container:NAME" },
  );
}

function joinsTo(byKind: JoinedByKind): Joins {
  return {
    byKind,
    refuseOtherMap: (idMap) => refuseOtherMap(byKind, idMap),
    refuseEnded: () => refuseEnded(byKind),
    refuseEnding: () => refuseEnding(byKind),
  };
}

/**
 * Refuses to share users whose ids are not those that this container would have.
 *
 * @throws {CtrError} code "unsupported"
 */
function refuseOtherMap(joined: JoinedByKind, idMap: IdMap): void {
  const kind = JOINABLE.find((each) => joined[each] !== undefined);
  if (kind === undefined || idMap.kind === "host") return;
  const { pid, reference } = joined[kind]!;
  const lines = idMapLines(idMap);
  // The kernel keeps more than five lines sorted: user_namespaces(7).
  const plain = (text: string) =>
    text.trim().split("\n").map((line) => line.trim().split(/\s+/).join(" ")).sort().join("\n");
  const isSame = (["uid", "gid"] as const).every((of) =>
    plain(readText(`/proc/${pid}/${of}_map`)) === plain(lines[of])
  );
  if (isSame) return;
  refuseEnding(joined);
  const hint = "Start both containers with the same --userns, --uidmap and --gidmap, as the same user";
  throw cannotJoin("unsupported", { kind, reference, problem: "its ids are mapped otherwise", hint });
}

/**
 * Makes sure, once its namespaces have been opened, that they were its own and no later process's.
 *
 * @throws {CtrError} code "bad_state"
 */
function refuseEnded(joined: JoinedByKind): void {
  refuseWhere(joined, ({ pid, pidStart }) => readPidStart(pid) !== pidStart);
}

/**
 * Says of a start that has failed whether it did since a container has ended that it joins.
 *
 * @throws {CtrError} code "bad_state"
 */
function refuseEnding(joined: JoinedByKind): void {
  refuseWhere(joined, (other) => {
    using pidfd = maybeOpenProcess(other);
    return pidfd === undefined || awaitEnd(pidfd.number, ENDING_MS);
  });
}

function refuseWhere(joined: JoinedByKind, hasEnded: (other: Joined) => boolean): void {
  for (const kind of JOINABLE) {
    const other = joined[kind];
    if (other !== undefined && hasEnded(other)) throw notRunning(kind, other.reference);
  }
}

function notRunning(kind: Kind, reference: string): CtrError {
  const hint = 'See "myctr list -a"';
  return cannotJoin("bad_state", { kind, reference, problem: "it is not running", hint });
}

interface Problem {
  readonly kind: Kind;
  readonly reference: string;
  readonly problem: string;
  readonly hint: string;
}

function cannotJoin(code: CtrError["code"], { kind, reference, problem, hint }: Problem): CtrError {
  return new CtrError(code, `Cannot join the ${KINDS[kind].noun} of "${reference}": ${problem}`, { hint });
}
