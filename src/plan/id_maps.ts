/** What a container's id maps say, and how they are written. Pure. */

import type { IdLine, IdMap, MappedIds } from "../host/host_facts.ts";

/** The lines of uid_map and gid_map: inside, outside, count. */
export function idMapLines({ uids, gids }: MappedIds): { uid: string; gid: string } {
  const text = (lines: readonly IdLine[]) =>
    lines.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`).join("\n");
  return { uid: text(uids), gid: text(gids) };
}

/** Whether the container has that id. */
export function hasId(id: number, idMap: IdMap, kind: "uids" | "gids"): boolean {
  if (idMap.kind === "host") return true;
  return idMap[kind].some(({ containerID, size }) => containerID <= id && id < containerID + size);
}

/** Whether groups can be set inside. Who has no right to any group but its own may not drop one: user_namespaces(7). */
export function canSetGroups(idMap: IdMap): boolean {
  if (idMap.kind === "host" || idMap.kind === "range") return true;
  return idMap.gids.some(({ hostID, size }) => hostID !== idMap.gid || size > 1);
}

/** Whether root inside has the caller's own ids: to become it changes nothing then. */
export function isRootTheCaller({ uid, gid, uids, gids }: MappedIds): boolean {
  const isRoot = (lines: readonly IdLine[], own: number) =>
    lines.some(({ containerID, hostID }) => containerID === 0 && hostID === own);
  return isRoot(uids, uid) && isRoot(gids, gid);
}

/** The shell command that writes the maps. */
export function renderIdMaps(idMap: MappedIds): string {
  const { uid, gid } = idMapLines(idMap);
  const joined = (text: string) => text.replaceAll("\n", " ");
  if (idMap.kind === "caller") return `newuidmap PID ${joined(uid)}; newgidmap PID ${joined(gid)}`;
  const deny = idMap.kind === "single" ? "echo deny >/proc/PID/setgroups; " : "";
  return `${deny}${echo(uid)} >/proc/PID/uid_map; ${echo(gid)} >/proc/PID/gid_map`;
}

/** A map is written by one call, so that printf has to print all lines of it. */
function echo(text: string): string {
  return text.includes("\n") ? `printf '${text.replaceAll("\n", "\\n")}\\n'` : `echo ${text}`;
}
