/** What waits makes no system call while nothing happens: no thread of it, no timer. */

import { deepEqual, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox } from "./box.ts";

/** Calls that were under way before strace came, or at its end, are no new ones. */
const UNDER_WAY = /resuming interrupted|<unfinished \.\.\.>$|<detached \.\.\.>$|^\d+ +(---|\+\+\+)/;

for (
  const words of [
    ["logs", "-f", "web"],
    ["wait", "web"],
    ["wait", "--condition", "removed", "web"],
    ["wait", "--condition", "unhealthy", "web"],
    ["events"],
  ]
) {
  Deno.test({
    ...requires(`idle: ${words.join(" ")} makes no system call in 5 seconds`, "root", "busybox", "strace"),
    async fn() {
      await using box = await openBox();
      const checked = ["--health-cmd", "true", "--health-interval", "1h"];
      const flags = ["--name", "web", ...checked, "--rootfs", box.rootfs];
      const started = await box.run("run", "-d", ...flags, "sleep", "100");
      ok(started.code === 0, started.stderr);
      // An option before the command would choose another program than people start.
      const plain = box.command(...words).filter((word) => word !== "--root" && word !== box.state);
      await using waiting = box.spawn(plain, { env: { MYCTR_ROOT: box.state } });
      await sleep(2000);
      const log = `${box.work}/calls`;
      await using tracing = box.spawn(["strace", "-f", "-p", String(waiting.pid), "-o", log]);
      await sleep(5000);
      tracing.kill("SIGINT");
      await tracing.ended;
      const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => line !== "");
      ok(lines.length > 0, "strace saw nothing");
      deepEqual(lines.filter((line) => !UNDER_WAY.test(line)), []);
      await box.run("rm", "-f", "web");
    },
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
