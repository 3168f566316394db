/** The answer to a program that has its root in place: who the user is in there. */

import type { Fd } from "../../ffi/fd.ts";
import { CtrError } from "../errors.ts";
import type { IdMap, IdRange } from "../host/host_facts.ts";
import { ANSWER, MAX_GROUPS } from "../plan/answer.ts";
import { resolveGroups, resolveUser } from "../spec/resolve_user.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import { readInRoot } from "./look_at_root.ts";
import type { Prepared } from "./prepare.ts";

/** Resolves the user in the root. @throws {CtrError} for a user that is not there, or an id that is not mapped */
export function encodeAnswer({ spec, host }: Prepared, root: Fd): Uint8Array<ArrayBuffer> {
  const user = spec.annotations[ANNOTATION.user] ?? "0";
  const files = { passwd: readInRoot(root, "etc/passwd"), group: readInRoot(root, "etc/group") };
  const { uid, gid, groups, home } = resolveUser(user, files);
  refuseUnmapped(uid, gid, host.idMap);
  const added = addedGroups(spec, { group: files.group, idMap: host.idMap });
  // A group that is not mapped would make setgroups(2) fail for those that are.
  const mapped = [...new Set([...groups.filter((id) => isMapped(id, host.idMap, "gids")), ...added])];
  if (mapped.length > MAX_GROUPS) throw tooManyGroups();
  const bytes = new Uint8Array(ANSWER.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(ANSWER.uid, uid, true);
  view.setUint32(ANSWER.gid, gid, true);
  view.setUint32(ANSWER.groupCount, mapped.length, true);
  mapped.forEach((id, index) => view.setUint32(ANSWER.groups + 4 * index, id, true));
  new TextEncoder().encodeInto(`HOME=${home}`, bytes.subarray(ANSWER.home, ANSWER.size - 1));
  return bytes;
}

/** Gives the ids of --group-add. */
function addedGroups(
  { annotations }: Spec,
  { group, idMap }: { readonly group: string; readonly idMap: IdMap },
): readonly number[] {
  const names = annotations[ANNOTATION.addedGroups];
  if (names === undefined) return [];
  const ids = resolveGroups(names.split(","), group);
  if (idMap.kind === "single") {
    throw new CtrError("unsupported", "Cannot add groups: only your own id is mapped, as 0", {
      hint: "Install uidmap and give yourself a line in /etc/subuid and /etc/subgid",
    });
  }
  for (const id of ids) refuseUnmapped(0, id, idMap);
  return ids;
}

function tooManyGroups(): CtrError {
  return new CtrError("unsupported", `Cannot add groups: there are more than ${MAX_GROUPS} then`, {
    hint: "Name one group, --user USER:GROUP, and fewer with --group-add",
  });
}

function isMapped(id: number, idMap: IdMap, kind: "uids" | "gids"): boolean {
  return id < mappedCount(idMap, kind);
}

function mappedCount(idMap: IdMap, kind: "uids" | "gids"): number {
  if (idMap.kind === "host") return 0xffff_ffff;
  if (idMap.kind === "single") return 1;
  const range: IdRange = idMap[kind];
  return idMap.kind === "caller" ? range.count + 1 : range.count;
}

function countText(idMap: IdMap, kind: "uids" | "gids"): string {
  const count = mappedCount(idMap, kind);
  return count === 1 ? "only your own id is mapped, as 0" : `only ${count} ids are mapped`;
}

function refuseUnmapped(uid: number, gid: number, idMap: IdMap): void {
  for (const [what, id, kind] of [["user", uid, "uids"], ["group", gid, "gids"]] as const) {
    if (isMapped(id, idMap, kind)) continue;
    throw new CtrError(
      "usage",
      `Cannot become ${what} ${id}: ${countText(idMap, kind)}`,
      {
        hint: mappedCount(idMap, kind) === 1
          ? "Install uidmap and give yourself a line in /etc/subuid and /etc/subgid"
          : `Use an id below ${mappedCount(idMap, kind)}, or grant a larger range in /etc/sub${
            kind.slice(0, 3)
          }`,
      },
    );
  }
}
