/** The answer to a program that has its root in place: who the user is in there. */

import type { Fd } from "../../ffi/fd.ts";
import { CtrError } from "../errors.ts";
import type { IdMap } from "../host/host_facts.ts";
import { ANSWER, MAX_GROUPS } from "../plan/answer.ts";
import { canSetGroups, hasId } from "../plan/id_maps.ts";
import { resolveGroups, resolveUser } from "../spec/resolve_user.ts";
import { ANNOTATION, type Spec } from "../spec/types.ts";
import { readInRoot } from "./look_at_root.ts";
import type { Prepared } from "./prepare.ts";

/** Resolves the user in the root. @throws {CtrError} for a user that is not there, or an id that is not mapped */
export function encodeAnswer(
  { spec, host }: Pick<Prepared, "spec" | "host">,
  root: Fd,
): Uint8Array<ArrayBuffer> {
  const user = spec.annotations[ANNOTATION.user] ?? "0";
  const files = { passwd: readInRoot(root, "etc/passwd"), group: readInRoot(root, "etc/group") };
  const { uid, gid, groups, home } = resolveUser(user, files);
  refuseUnmapped({ uid, gid }, host.idMap, spec);
  const added = addedGroups(spec, { group: files.group, idMap: host.idMap });
  // A group that is not mapped would make setgroups(2) fail for those that are.
  const mapped = [...new Set([...groups.filter((id) => hasId(id, host.idMap, "gids")), ...added])];
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
  spec: Spec,
  { group, idMap }: { readonly group: string; readonly idMap: IdMap },
): readonly number[] {
  const names = spec.annotations[ANNOTATION.addedGroups];
  if (names === undefined) return [];
  const ids = resolveGroups(names.split(","), group);
  if (!canSetGroups(idMap)) {
    throw new CtrError("unsupported", "Cannot add groups: only your own id is mapped, as 0", {
      hint: isAsked(spec) ? MAP_MORE : GRANT,
    });
  }
  for (const gid of ids) refuseUnmapped({ uid: 0, gid }, idMap, spec);
  return ids;
}

function tooManyGroups(): CtrError {
  return new CtrError("unsupported", `Cannot add groups: there are more than ${MAX_GROUPS} then`, {
    hint: "Name one group, --user USER:GROUP, and fewer with --group-add",
  });
}

const GRANT = "Install uidmap and give yourself a line in /etc/subuid and /etc/subgid";
const MAP_MORE = "Map more ids by --uidmap and --gidmap, or leave both out";

/** Whether the maps are those of --uidmap and --gidmap. */
function isAsked({ linux }: Spec): boolean {
  return linux.uidMappings !== undefined;
}

function refuseUnmapped(
  who: { readonly uid: number; readonly gid: number },
  idMap: IdMap,
  spec: Spec,
): void {
  if (idMap.kind === "host") return;
  for (const [what, id, kind] of [["user", who.uid, "uids"], ["group", who.gid, "gids"]] as const) {
    if (hasId(id, idMap, kind)) continue;
    const count = idMap[kind].reduce((sum, { size }) => sum + size, 0);
    const table = `/etc/sub${kind.slice(0, 3)}`;
    const granted = count === 1 ? { state: "only your own id is mapped, as 0", hint: GRANT } : {
      state: `only ${count} ids are mapped`,
      hint: `Use an id below ${count}, or grant a larger range in ${table}`,
    };
    const { state, hint } = isAsked(spec) ? { state: "your map leaves it out", hint: MAP_MORE } : granted;
    throw new CtrError("usage", `Cannot become ${what} ${id}: ${state}`, { hint });
  }
}
