/** An upgrade while containers run: what myctr still has to do for them is done by the file that started them. */

import { equal, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { sleep } from "./robust_harness.ts";
import { USERS } from "./box.ts";
import { testerFor } from "./test_in_box.ts";

for (const { user, needs } of USERS) {
  testerFor("upgrade", { user, needs: [...needs, "executable"] })(
    "restarts, checks and removals go on where the executable is replaced",
    async (box) => {
      const older = `${box.work}/myctr`;
      const [newer] = box.command().filter((word) => word.endsWith("/myctr"));
      await Deno.copyFile(newer!, older);
      await Deno.chmod(older, 0o755);
      const run = async (name: string, flags: readonly string[], command: string) => {
        const words = ["run", "-d", "--name", name, ...flags, "--rootfs", box.rootfs, "sh", "-c", command];
        const { code, stdout, stderr } = await box.exec([...box.as(older), "--root", box.state, ...words]);
        equal(code, 0, stderr);
        return stdout.trim();
      };
      const ends = await run("ends", ["--restart", "always"], "sleep 0.5; exit 1");
      const checked = await run(
        "checked",
        ["--health-interval", "200ms", "--health-cmd", "true"],
        "sleep 100",
      );
      const removed = await run("removed", ["--rm"], "sleep 1");
      // Another file has the path from now on; the one that ran has none.
      await Deno.remove(older);
      await Deno.writeTextFile(older, "#!/bin/false\n");
      const stateOf = (id: string) => JSON.parse(readIfThere(`${box.state}/containers/${id}/state.json`));
      while ((stateOf(ends).restart?.count ?? 0) < 2) await sleep(20);
      const checks = () =>
        readIfThere(`${box.state}/containers/${checked}/health.json`).split("startMs").length - 1;
      while (checks() < 3) await sleep(20);
      while (box.containers().some(({ id }) => id === removed)) await sleep(20);
      ok(stateOf(ends).restart.error === undefined, stateOf(ends).restart.error);
      await Deno.remove(older);
    },
  );
}
