/** Which namespaces and ids a process has, as seen from this one. Source: namespaces(7), user_namespaces(7). */

import type { IdLine, IdMap } from "./host_facts.ts";
import { askedIdMap } from "./id_map.ts";

/** What stands in /proc/PID/ns of the kinds that a container may have of its own. */
const FILES = {
  user: "user",
  mount: "mnt",
  pid: "pid",
  network: "net",
  ipc: "ipc",
  uts: "uts",
  cgroup: "cgroup",
} as const;

export type NamespaceKind = keyof typeof FILES;

/** Reads of which kinds a process has others than this one. @throws {Deno.errors.NotFound} where it is gone */
export function readOtherNamespaces(pid: number): readonly NamespaceKind[] {
  return (Object.keys(FILES) as NamespaceKind[]).filter((kind) =>
    Deno.readLinkSync(`/proc/${pid}/ns/${FILES[kind]}`) !== Deno.readLinkSync(`/proc/self/ns/${FILES[kind]}`)
  );
}

/** Reads how the ids of a process that has other users became ids of this machine. */
export function readIdMapOf(pid: number): IdMap {
  const own = { uid: Deno.uid() ?? 0, gid: Deno.gid() ?? 0 };
  return askedIdMap(own, { uids: readMap(`/proc/${pid}/uid_map`), gids: readMap(`/proc/${pid}/gid_map`) });
}

function readMap(path: string): readonly IdLine[] {
  return Deno.readTextFileSync(path).trim().split("\n").map((line) => {
    const [containerID = 0, hostID = 0, size = 0] = line.trim().split(/\s+/).map(Number);
    return { containerID, hostID, size };
  });
}
