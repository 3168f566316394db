/** Which namespaces are new for a container. Pure. */

import { CtrError } from "../errors.ts";
import type { RunRequest } from "./request.ts";
import type { Namespace, NamespaceType } from "./types.ts";

/** A running container whose network is joined. */
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
  { isRoot, joined }: { readonly isRoot: boolean; readonly joined?: JoinedContainer | undefined },
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
  if (joined === undefined) return kinds.map((type) => ({ type }));
  const isShared = (kind: NamespaceType) => kind === "network" || kind === "user";
  if (kinds.includes("user") && !joined.hasUserNamespace) throw withoutUsers(network);
  return kinds.map((type) =>
    isShared(type) ? { type, path: `/proc/${joined.pid}/ns/${FILE[type] ?? type}` } : { type }
  );
}

/** Whether --uidmap or --gidmap say which ids the container has. */
export function hasIdMaps({ uidMaps = [], gidMaps = [] }: RunRequest): boolean {
  return uidMaps.length > 0 || gidMaps.length > 0;
}

/** Rights over a network come from the users it belongs to: the machine's, in that case. */
function withoutUsers(network: string): CtrError {
  return new CtrError(
    "unsupported",
    `Cannot use --network ${JSON.stringify(network)}: it has the machine's users`,
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
  if ((ipc === "host" || ipc === "none") && shmSize !== undefined) {
    const problem = ipc === "host" ? "/dev/shm is the machine's" : "there is no /dev/shm";
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
