/** Which namespaces are new for a container. Pure. */

import { CtrError } from "../errors.ts";
import type { RunRequest } from "./request.ts";
import type { NamespaceType } from "./types.ts";

const KINDS: readonly NamespaceType[] = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"];

/**
 * Chooses the namespaces.
 *
 * @throws {CtrError} code "unsupported" (--userns=host as an ordinary user), "usage" for options that contradict
 */
export function chooseNamespaces(request: RunRequest, isRoot: boolean): readonly NamespaceType[] {
  if (request.userns === "host" && !isRoot) {
    throw new CtrError("unsupported", "Cannot use --userns=host: it needs root", {
      hint: "Leave out --userns, or run myctr as root",
    });
  }
  refuseContradictions(request);
  const userns = request.userns ?? (request.privileged && isRoot ? "host" : "private");
  const { network, pid, ipc, uts } = request;
  const modes: Partial<Record<NamespaceType, string | undefined>> = { user: userns, network, pid, ipc, uts };
  return KINDS.filter((kind) => modes[kind] !== "host");
}

/** What a shared namespace leaves no place for. */
function refuseContradictions({ uts, hostname, domainname, ipc, shmSize }: RunRequest): void {
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
