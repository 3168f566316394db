/** Which ids a container's ids become on this machine. Source: subuid(5), subgid(5), newuidmap(1). */

import { S_IF } from "../../ffi/constants/open.ts";
import { readPathStatus } from "../../ffi/file.ts";
import type { IdRange, MappedIds } from "./host_facts.ts";
import { readText } from "./read_text.ts";

/** Root's own range where /etc/subuid names none: above what distributions and systemd hand out. */
export const ROOT_RANGE: IdRange = { start: 1_900_000_000, count: 65536 };

/** The setuid programs that may write a map with more than the caller's own id. */
export const ID_HELPERS = { uid: "newuidmap", gid: "newgidmap" } as const;

/** Finds a program in the directories that hold system programs; undefined when it is not installed. */
export function findHelper(name: string): string | undefined {
  for (const directory of ["/usr/bin", "/usr/sbin", "/bin", "/usr/local/bin"]) {
    const found = readPathStatus(`${directory}/${name}`);
    if (found.ok && (found.value.mode & S_IF.S_IFMT) === S_IF.S_IFREG) return `${directory}/${name}`;
  }
  return undefined;
}

/** Reads the range that a table grants: the first line of the user, by name or number. */
export function findRange(table: string, names: readonly string[]): IdRange | undefined {
  for (const line of table.split("\n")) {
    const [owner = "", start = "", count = ""] = line.split(":");
    if (!names.includes(owner) || !/^\d+$/.test(start) || !/^\d+$/.test(count)) continue;
    if (Number(count) > 0) return { start: Number(start), count: Number(count) };
  }
  return undefined;
}

/** Reads the ranges that a user was given. */
export function readIdRanges(
  uid: number,
): { readonly uids: IdRange | undefined; readonly gids: IdRange | undefined } {
  const names = [String(uid), ...userName(uid)];
  return {
    uids: findRange(readText("/etc/subuid"), names),
    gids: findRange(readText("/etc/subgid"), names),
  };
}

/** Whether both helpers are installed. */
export function hasIdHelpers(): boolean {
  return findHelper(ID_HELPERS.uid) !== undefined && findHelper(ID_HELPERS.gid) !== undefined;
}

/** Reads the caller's map for a container with its own user namespace. */
export function readIdMap(uid: number, gid: number): MappedIds {
  const { uids, gids } = readIdRanges(uid);
  const own = { uid, gid };
  const line = (containerID: number, { start, count }: IdRange) => ({
    containerID,
    hostID: start,
    size: count,
  });
  if (uid === 0) {
    return {
      kind: "range",
      ...own,
      uids: [line(0, uids ?? ROOT_RANGE)],
      gids: [line(0, gids ?? ROOT_RANGE)],
    };
  }
  const [user, group] = [line(0, { start: uid, count: 1 }), line(0, { start: gid, count: 1 })];
  if (uids === undefined || gids === undefined || !hasIdHelpers()) {
    return { kind: "single", ...own, uids: [user], gids: [group] };
  }
  return { kind: "caller", ...own, uids: [user, line(1, uids)], gids: [group, line(1, gids)] };
}

/** Says who writes a map that was asked for. Its own id a user may map without help: user_namespaces(7). */
export function askedIdMap(
  own: Pick<MappedIds, "uid" | "gid">,
  { uids, gids }: Pick<MappedIds, "uids" | "gids">,
): MappedIds {
  const isOwn = [[uids, own.uid] as const, [gids, own.gid] as const].every(([lines, id]) =>
    lines.length === 1 && lines[0]!.hostID === id
  );
  return { kind: own.uid === 0 ? "range" : isOwn ? "single" : "caller", ...own, uids, gids };
}

/** Reads the name of a user: none, or one. */
export function userName(uid: number): string[] {
  const line = readText("/etc/passwd").split("\n").find((text) => text.split(":")[2] === String(uid));
  return line === undefined ? [] : [line.split(":")[0]!];
}
