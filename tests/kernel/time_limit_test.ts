/** `--timeout` is kept by the monitor: without myctr, without a process of its own, and never by the wrong signal. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`time limit: it holds when myctr is gone, and --rm does too, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const limits = ["--rm", "--timeout", "1", "--stop-timeout", "0"];
      const running = box.spawn(
        box.command("run", ...limits, "--rootfs", box.rootfs, "sh", "-c", "echo ready; exec sleep 60"),
      );
      await running.until("ready");
      Deno.kill(running.pid, "SIGKILL");
      await running.ended;
      // A box waits until containers have gone, and a test ends no later than that.
      deepEqual(await box.settle(), []);
    },
  });

  Deno.test({
    ...requires(`time limit: with --stop-timeout=-1 the end is the container's own, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command = 'trap "sleep 2; echo done; exit 0" TERM; sleep 30 & wait';
      const limits = ["--rm", "--timeout", "1", "--stop-timeout=-1"];
      const { code, stdout } = await box.run("run", ...limits, "--rootfs", box.rootfs, "sh", "-c", command);
      deepEqual([code, stdout], [255, "done\n"]);
    },
  });
}

Deno.test({
  ...requires(
    "time limit: --explain shows what the monitor does, and when nothing is left to do",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    const limits = ["--rm", "--explain", "--timeout", "1", "--stop-timeout", "60"];
    const command = ["sh", "-c", 'trap "exit 0" TERM; sleep 30 & wait'];
    const { code, stderr } = await box.run("run", ...limits, "--rootfs", box.rootfs, ...command);
    equal(code, 255);
    match(stderr, /tv_sec=1, [^\n]* = 0\nmonitor: ask the container to end\n/);
    match(stderr, /SIGTERM, NULL, 0\) = 0\n[^\n]*tv_sec=60, [^\n]* = 1\nmonitor: end the container\n/);
  },
});
