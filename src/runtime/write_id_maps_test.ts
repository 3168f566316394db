/** Tests of writeIdMaps(): what is refused is told; what needs a real process is tested on the kernel. */

import { equal, throws } from "node:assert/strict";
import { writeIdMaps } from "./write_id_maps.ts";

/** No process has a number above 2^22: proc_pid_max(5). */
const NOBODY = 2 ** 22 + 1;
const OWN = { containerID: 0, hostID: 1000, size: 1 };
const RANGE = { containerID: 0, hostID: 1_900_000_000, size: 65_536 };

Deno.test("writeIdMaps() writes nothing without a user namespace", () => {
  equal(writeIdMaps(NOBODY, { kind: "host" }), undefined);
});

const REFUSED = [
  { kind: "single", uid: 1000, gid: 1000, uids: [OWN], gids: [OWN] },
  { kind: "range", uid: 0, gid: 0, uids: [RANGE], gids: [RANGE] },
] as const;

for (const idMap of REFUSED) {
  Deno.test(`writeIdMaps() tells that a map of kind ${idMap.kind} is refused`, () => {
    throws(() => writeIdMaps(NOBODY, idMap), {
      name: "CtrError",
      code: "syscall",
      message: "Cannot map the ids: the kernel refuses the map",
    });
  });
}
