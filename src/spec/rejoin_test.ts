/** Tests of rejoin(): another start joins the processes that the others have by then. */

import { deepEqual } from "node:assert/strict";
import { rejoin } from "./rejoin.ts";
import type { Spec } from "./types.ts";

const at = (pid: number) => ({
  mounts: [{ destination: "/dev/shm", type: "bind", source: `/proc/${pid}/root/dev/shm`, options: ["bind"] }],
  linux: {
    namespaces: [{ type: "user", path: `/proc/${pid}/ns/user` }, { type: "mount" }, {
      type: "ipc",
      path: `/proc/${pid}/ns/ipc`,
    }],
  },
} as unknown as Spec);

Deno.test("rejoin() takes the numbers of the processes anew", () => {
  deepEqual(rejoin(at(7), { ipc: { id: "1a", pid: 9, hasUserNamespace: true } }), at(9));
});

Deno.test("rejoin() leaves alone what joins nothing", () => {
  deepEqual(rejoin(at(7), {}), at(7));
});
