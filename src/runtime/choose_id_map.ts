/** The ids of a container whose map was asked for by --uidmap and --gidmap. */

import { CtrError } from "../errors.ts";
import type { IdLine, MappedIds } from "../host/host_facts.ts";
import { hasIdHelpers, readIdRanges } from "../host/id_map.ts";
import { ALL_IDS, chooseIdMaps, type GrantedIds } from "../spec/choose_id_maps.ts";
import type { RunRequest } from "../spec/request.ts";

/**
 * Chooses the lines, of ids that the caller may give away.
 *
 * @throws {CtrError} code "usage"
 */
export function chooseIdMap(
  request: RunRequest,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Pick<MappedIds, "uids" | "gids"> {
  if (uid === 0) {
    const { uid: uids, gid: gids } = chooseIdMaps(request, { uid: ALL_IDS, gid: ALL_IDS });
    return { uids, gids };
  }
  const ranges = hasIdHelpers() ? readIdRanges(uid) : { uids: undefined, gids: undefined };
  const granted = (own: number, range: (typeof ranges)["uids"]): readonly GrantedIds[] => [
    { first: 0, hostID: own, count: 1 },
    ...(range === undefined ? [] : [{ first: 1, hostID: range.start, count: range.count }]),
  ];
  const { uid: uids, gid: gids } = chooseIdMaps(request, {
    uid: granted(uid, ranges.uids),
    gid: granted(gid, ranges.gids),
  });
  refuseForeignOverlay(request, [{ lines: uids, own: uid }, { lines: gids, own: gid }]);
  return { uids, gids };
}

/** The upper directory is the caller's: the kernel would mount an overlay read-only for a root who is nobody to it. */
function refuseForeignOverlay(
  { rootfs, rootfsTmpfs }: RunRequest,
  sides: readonly { readonly lines: readonly IdLine[]; readonly own: number }[],
): void {
  if (!rootfs?.overlay || rootfsTmpfs) return;
  if (sides.every(({ lines, own }) => lines.some(({ hostID }) => hostID === own))) return;
  throw new CtrError(
    "usage",
    `Cannot lay an overlay over "${rootfs.path}": your own ids are not in the map`,
    {
      hint: "Map them too, as in --uidmap 1000:0, or keep changes in memory with --rootfs-tmpfs",
    },
  );
}
