/** Which namespaces are new for a container. Pure. */

import { CtrError } from "../errors.ts";
import type { RunRequest } from "./request.ts";
import type { Namespace, NamespaceType } from "./types.ts";

/** Kinds of namespace that can be another container's. */
export const JOINABLE = ["network", "pid", "ipc"] as const;

/** The containers that are joined, by what is shared with each: one, or several with the same users. */
export type JoinedContainers = { readonly [Kind in typeof JOINABLE[number]]?: JoinedContainer };

/** A running container of which something is joined. */
export interface JoinedContainer {
  readonly id: string;
  /** Its process 1, as the host counts. */
  readonly pid: number;
  readonly hasUserNamespace: boolean;
}

const KINDS: readonly NamespaceType[] = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"];

/** Names in /proc/PID/ns, where they are others. */
const FILE: Partial<Record<NamespaceType, string>> = { network: "net" };

/**
 * Chooses the namespaces.
 *
 * @throws {CtrError} code "unsupported" (--userns=host as an ordinary user), "usage" for options that contradict
 */
export function chooseNamespaces(
  request: RunRequest,
  { isRoot, joined = {} }: { readonly isRoot: boolean; readonly joined?: JoinedContainers },
): readonly Namespace[] {
  if (request.userns === "host" && !isRoot) {
    throw new CtrError("unsupported", "Cannot use --userns=host: it needs root", {
      hint: "Leave out --userns, or run myctr as root",
    });
  }
  refuseContradictions(request);
  if (request.userns === "host") refuseIdMaps(request);
  const isOfTheMachine = request.privileged && isRoot && !hasIdMaps(request);
  const userns = request.userns ?? (isOfTheMachine ? "host" : "private");
  const { network, pid, ipc, uts } = request;
  const modes: Partial<Record<NamespaceType, string | undefined>> = { user: userns, network, pid, ipc, uts };
  const kinds = KINDS.filter((kind) => modes[kind] !== "host");
  const first = JOINABLE.find((kind) => joined[kind] !== undefined);
  if (first === undefined) return kinds.map((type) => ({ type }));
  if (kinds.includes("user") && !joined[first]!.hasUserNamespace) throw withoutUsers(first, request);
  const of: Partial<Record<NamespaceType, JoinedContainer>> = { ...joined, user: joined[first]! };
  return kinds.map((type) => {
    const other = of[type];
    return other === undefined ? { type } : { type, path: namespacePath(type, other.pid) };
  });
}

/** Where a namespace of a process is opened. */
export function namespacePath(type: NamespaceType, pid: number): string {
  return `/proc/${pid}/ns/${FILE[type] ?? type}`;
}

/** Whether --uidmap or --gidmap say which ids the container has. */
export function hasIdMaps({ uidMaps = [], gidMaps = [] }: RunRequest): boolean {
  return uidMaps.length > 0 || gidMaps.length > 0;
}

/** Rights over a namespace come from the users it belongs to: the machine's, in that case. */
function withoutUsers(kind: typeof JOINABLE[number], request: RunRequest): CtrError {
  return new CtrError(
    "unsupported",
    `Cannot use --${kind} ${JSON.stringify(request[kind])}: it has the machine's users`,
    {
      hint: "Write --userns=host as well",
    },
  );
}

/** What a shared namespace leaves no place for. */
function refuseContradictions({ uts, hostname, domainname, ipc, shmSize, ...rest }: RunRequest): void {
  refuseNamesOfAnother(rest);
  if (uts === "host" && (hostname !== undefined || domainname !== undefined)) {
    const flag = hostname === undefined ? "--domainname" : "--hostname";
    throw new CtrError("usage", `Cannot use ${flag} with --uts=host: the name would be the machine's`, {
      hint: "Leave out one of the two",
    });
  }
  const problem = shmSize === undefined ? undefined : whoseMemory(ipc);
  if (problem !== undefined) {
    throw new CtrError("usage", `Cannot use --shm-size with --ipc=${ipc}: ${problem}`, {
      hint: "Leave out one of the two",
    });
  }
}

function refuseIdMaps(request: RunRequest): void {
  if (!hasIdMaps(request)) return;
  const flag = request.uidMaps?.length ? "--uidmap" : "--gidmap";
  throw new CtrError("usage", `Cannot use ${flag} with --userns=host: the ids would be the machine's`, {
    hint: "Leave out one of the two",
  });
}

function whoseMemory(ipc: RunRequest["ipc"]): string | undefined {
  if (ipc === "host") return "/dev/shm is the machine's";
  if (ipc === "none") return "there is no /dev/shm";
  return ipc?.startsWith("container:") ? "/dev/shm is the other container's" : undefined;
}

/** What is asked for names is the other container's, as its network is. */
function refuseNamesOfAnother(
  { network, addedHosts, nameServers, searchDomains, resolverOptions }: Partial<RunRequest>,
): void {
  if (!network?.startsWith("container:")) return;
  const given = {
    "--add-host": addedHosts,
    "--dns": nameServers,
    "--dns-search": searchDomains,
    "--dns-option": resolverOptions,
  };
  const flag = Object.entries(given).find(([, values]) => (values?.length ?? 0) > 0)?.[0];
  if (flag === undefined) return;
  throw new CtrError("usage", `Cannot use ${flag} with --network=container: it is the other container's`, {
    hint: "Give it to the container whose network is joined",
  });
}
