/** The answer to a program that has its root in place: who the user is in there. */

import type { Fd } from "../../ffi/fd.ts";
import { CtrError } from "../errors.ts";
import type { IdMap, IdRange } from "../host/host_facts.ts";
import { ANSWER } from "../plan/answer.ts";
import { resolveUser } from "../spec/resolve_user.ts";
import { ANNOTATION } from "../spec/types.ts";
import { readInRoot } from "./look_at_root.ts";
import type { Prepared } from "./prepare.ts";

/** Resolves the user in the root. @throws {CtrError} for a user that is not there, or an id that is not mapped */
export function encodeAnswer({ spec, host }: Prepared, root: Fd): Uint8Array<ArrayBuffer> {
  const user = spec.annotations[ANNOTATION.user] ?? "0";
  const files = { passwd: readInRoot(root, "etc/passwd"), group: readInRoot(root, "etc/group") };
  const { uid, gid, groups, home } = resolveUser(user, files);
  refuseUnmapped(uid, gid, host.idMap);
  // A group that is not mapped would make setgroups(2) fail for those that are.
  const mapped = groups.filter((id) => isMapped(id, host.idMap, "gids"));
  const bytes = new Uint8Array(ANSWER.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(ANSWER.uid, uid, true);
  view.setUint32(ANSWER.gid, gid, true);
  view.setUint32(ANSWER.groupCount, mapped.length, true);
  mapped.forEach((id, index) => view.setUint32(ANSWER.groups + 4 * index, id, true));
  new TextEncoder().encodeInto(`HOME=${home}`, bytes.subarray(ANSWER.home, ANSWER.size - 1));
  return bytes;
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
