/** `--init`: process 1 passes signals on, collects orphans, and ends as the command does. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

const CODES: readonly { readonly script: string; readonly code: number }[] = [
  { script: "exit 0", code: 0 },
  { script: "exit 255", code: 255 },
  { script: "true & true & true & exit 3", code: 3 },
  { script: "kill -KILL $$", code: 137 },
  { script: "kill -TERM 1; sleep 10", code: 143 },
  { script: "trap 'exit 5' HUP; kill -HUP 1; while :; do sleep 0.01; done", code: 5 },
];

for (const { user, needs } of USERS) {
  for (const { script, code } of CODES) {
    Deno.test({
      ...requires(`--init: "${script}" ends with ${code}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.run("run", "--rm", "--init", "--rootfs", box.rootfs, "sh", "-c", script);
        equal(ran.code, code, ran.stderr);
      },
    });
  }

  Deno.test({
    ...requires(`--init: a signal to myctr ends a command without a handler, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["sh", "-c", "echo ready; exec sleep 100"];
      const command = box.command("run", "--rm", "--init", "--rootfs", box.rootfs, ...words);
      await using running = box.spawn(command);
      await running.until("ready");
      Deno.kill(running.pid, "SIGTERM");
      equal((await running.ended).code, 143);
    },
  });

  Deno.test({
    ...requires(`--init: 50 orphans are collected while the command lives, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const script =
        "i=0; while [ $i -lt 50 ]; do (sleep 0.05 &); i=$((i+1)); done; sleep 0.5; ls -d /proc/[0-9]* | wc -l";
      const ran = await box.run("run", "--rm", "--init", "--rootfs", box.rootfs, "sh", "-c", script);
      // The init, the shell, ls and wc.
      match(ran.stdout, /^[34]\n$/);
    },
  });

  Deno.test({
    ...requires(`--init: what is written to its standard output is the container's, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const script = "echo log >/proc/1/fd/1; echo error >/proc/1/fd/2";
      const ran = await box.run(
        "run",
        "--rm",
        "--init",
        "-u",
        "5",
        "--rootfs",
        box.rootfs,
        "sh",
        "-c",
        script,
      );
      equal(ran.stdout, "log\n");
      equal(ran.stderr, "error\n");
    },
  });
}
