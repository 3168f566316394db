/** Tests of what is read off a map of ids. */

import { deepEqual } from "node:assert/strict";
import type { IdLine, MappedIds } from "../host/host_facts.ts";
import { canSetGroups, hasId, idMapLines, isRootTheCaller, renderIdMaps } from "./id_maps.ts";

const line = (containerID: number, hostID: number, size: number): IdLine => ({ containerID, hostID, size });
const ME = { uid: 1000, gid: 100 } as const;

interface Row {
  readonly what: string;
  readonly idMap: MappedIds;
  readonly lines: { readonly uid: string; readonly gid: string };
  readonly shell: string;
  readonly setsGroups: boolean;
  readonly isCaller: boolean;
  /** Whether there is a user 2, and a group 5. */
  readonly has: readonly [boolean, boolean];
}

const ROWS: readonly Row[] = [
  {
    what: "the caller alone",
    idMap: { kind: "single", ...ME, uids: [line(0, 1000, 1)], gids: [line(0, 100, 1)] },
    lines: { uid: "0 1000 1", gid: "0 100 1" },
    shell:
      "echo deny >/proc/PID/setgroups; echo 0 1000 1 >/proc/PID/uid_map; echo 0 100 1 >/proc/PID/gid_map",
    setsGroups: false,
    isCaller: true,
    has: [false, false],
  },
  {
    what: "the caller and its ranges",
    idMap: {
      kind: "caller",
      ...ME,
      uids: [line(0, 1000, 1), line(1, 100_000, 65_536)],
      gids: [line(0, 100, 1), line(1, 200_000, 1000)],
    },
    lines: { uid: "0 1000 1\n1 100000 65536", gid: "0 100 1\n1 200000 1000" },
    shell: "newuidmap PID 0 1000 1 1 100000 65536; newgidmap PID 0 100 1 1 200000 1000",
    setsGroups: true,
    isCaller: true,
    has: [true, true],
  },
  {
    what: "the caller as another user",
    idMap: {
      kind: "caller",
      ...ME,
      uids: [line(7, 1000, 1), line(0, 100_000, 2)],
      gids: [line(7, 100, 1), line(0, 200_000, 2)],
    },
    lines: { uid: "7 1000 1\n0 100000 2", gid: "7 100 1\n0 200000 2" },
    shell: "newuidmap PID 7 1000 1 0 100000 2; newgidmap PID 7 100 1 0 200000 2",
    setsGroups: true,
    isCaller: false,
    has: [false, false],
  },
  {
    what: "more users than the caller's group has",
    idMap: { kind: "caller", ...ME, uids: [line(0, 100_000, 3)], gids: [line(0, 100, 1)] },
    lines: { uid: "0 100000 3", gid: "0 100 1" },
    shell: "newuidmap PID 0 100000 3; newgidmap PID 0 100 1",
    setsGroups: false,
    isCaller: false,
    has: [true, false],
  },
  {
    what: "root's range",
    idMap: { kind: "range", uid: 0, gid: 0, uids: [line(0, 5, 6), line(9, 50, 1)], gids: [line(0, 7, 8)] },
    lines: { uid: "0 5 6\n9 50 1", gid: "0 7 8" },
    shell: "printf '0 5 6\\n9 50 1\\n' >/proc/PID/uid_map; echo 0 7 8 >/proc/PID/gid_map",
    setsGroups: true,
    isCaller: false,
    has: [true, true],
  },
  {
    what: "root as root",
    idMap: { kind: "range", uid: 0, gid: 0, uids: [line(0, 0, 1)], gids: [line(0, 0, 1)] },
    lines: { uid: "0 0 1", gid: "0 0 1" },
    shell: "echo 0 0 1 >/proc/PID/uid_map; echo 0 0 1 >/proc/PID/gid_map",
    setsGroups: true,
    isCaller: true,
    has: [false, false],
  },
];

for (const { what, idMap, ...expected } of ROWS) {
  Deno.test(`a map of ids: ${what}`, () => {
    deepEqual({
      lines: idMapLines(idMap),
      shell: renderIdMaps(idMap),
      setsGroups: canSetGroups(idMap),
      isCaller: isRootTheCaller(idMap),
      has: [hasId(2, idMap, "uids"), hasId(5, idMap, "gids")],
    }, expected);
  });
}

Deno.test("without a user namespace there is every id, and groups can be set", () => {
  deepEqual([hasId(4_294_967_294, { kind: "host" }, "uids"), canSetGroups({ kind: "host" })], [true, true]);
});
