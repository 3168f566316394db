/** The exit codes of `myctr run`: docker's table. */

import { equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

/** `args` stand behind `run --rm`; ROOT is the box's root. */
const ROWS: readonly { readonly what: string; readonly args: readonly string[]; readonly code: number }[] = [
  { what: "true", args: ["--rootfs", "ROOT", "true"], code: 0 },
  { what: "a code of its own", args: ["--rootfs", "ROOT", "sh", "-c", "exit 42"], code: 42 },
  { what: "the highest code", args: ["--rootfs", "ROOT", "sh", "-c", "exit 255"], code: 255 },
  { what: "a bad flag", args: ["--bad", "--rootfs", "ROOT", "true"], code: 125 },
  { what: "a missing root", args: ["--rootfs", "ROOT/none", "true"], code: 125 },
  { what: "a missing image", args: ["none", "true"], code: 125 },
  { what: "no command", args: ["--rootfs", "ROOT"], code: 125 },
  { what: "a user that is not there", args: ["-u", "ghost", "--rootfs", "ROOT", "true"], code: 125 },
  { what: "a file that is not executable", args: ["--rootfs", "ROOT", "/etc/passwd"], code: 126 },
  { what: "a directory", args: ["--rootfs", "ROOT", "/etc"], code: 126 },
  { what: "a missing path", args: ["--rootfs", "ROOT", "/bin/none"], code: 127 },
  { what: "a missing name", args: ["--rootfs", "ROOT", "none"], code: 127 },
  { what: "a path through a file", args: ["--rootfs", "ROOT", "/etc/passwd/sh"], code: 127 },
  { what: "the command's own 125", args: ["--rootfs", "ROOT", "sh", "-c", "exit 125"], code: 125 },
  { what: "the command's own 126", args: ["--rootfs", "ROOT", "sh", "-c", "exit 126"], code: 126 },
  { what: "the command's own 127", args: ["--rootfs", "ROOT", "sh", "-c", "exit 127"], code: 127 },
  ...[["KILL", 137], ["SEGV", 139], ["TERM", 143]].map(([signal, code]) => ({
    what: `a child that dies of ${signal}`,
    args: ["--rootfs", "ROOT", "sh", "-c", `sh -c 'kill -${signal} $$' 2>/dev/null; exit $?`],
    code: Number(code),
  })),
];

for (const { user, needs } of USERS) {
  for (const { what, args, code } of ROWS) {
    Deno.test({
      ...requires(`run: exit code ${code} for ${what}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.run("run", "--rm", ...args.map((word) => word.replace("ROOT", box.rootfs)));
        equal(ran.code, code, ran.stderr);
        equal(ran.stdout, "");
      },
    });
  }

  // No other signal ends a first process that has no handler for it: pid_namespaces(7).
  Deno.test({
    ...requires(`run: exit code 137 when PID 1 is killed from outside, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["sh", "-c", "echo ready; exec sleep 100"];
      await using running = box.spawn(box.command("run", "--rm", "--rootfs", box.rootfs, ...words));
      await running.until("ready");
      Deno.kill(box.containers()[0]!.pid, "SIGKILL");
      equal((await running.ended).code, 137);
    },
  });

  Deno.test({
    ...requires(`run: SIGTERM to myctr reaches a container that handles it: 143, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = [
        "sh",
        "-c",
        "trap 'echo got it; exit 143' TERM; echo ready; while :; do sleep 0.1; done",
      ];
      await using running = box.spawn(box.command("run", "--rm", "--rootfs", box.rootfs, ...words));
      await running.until("ready");
      running.kill("SIGTERM");
      const ran = await running.ended;
      match(ran.stdout, /got it/);
      equal(ran.code, 143);
    },
  });
}
