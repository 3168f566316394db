/** The files that `myctr run` writes for scripts are true, also of starts that fail; --replace makes way in time. */

import { deepEqual, equal, match } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Spawned, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";

const NAMING = ["--cidfile", "cid", "--pidfile", "pid", "--status-file", "status"] as const;

function filesIn(box: Box): string[] {
  return Array.from(Deno.readDirSync(box.work), ({ name }) => name).sort();
}

function statusIn(
  box: Box,
): { engine: string; exitCode: number; signal: string; error: Record<string, unknown> } {
  return JSON.parse(readIfThere(`${box.work}/status`));
}

async function startWaiting(box: Box, ...flags: string[]): Promise<Spawned> {
  const words = ["sh", "-c", "echo ready; exec sleep 100"];
  const running = box.spawn(box.command("run", ...flags, "--rootfs", box.rootfs, ...words));
  await running.until("ready");
  // The command may speak before myctr has been told that it runs.
  await sleep(200);
  return running;
}

const FAILURES: readonly {
  readonly why: string;
  readonly words: (root: string) => readonly string[];
  readonly exitCode: number;
  readonly error: Record<string, unknown>;
}[] = [
  {
    why: "before anything is done",
    words: () => ["--rootfs", "nosuch", "true"],
    exitCode: 125,
    error: { code: "not_found", step: null, call: null, errno: null },
  },
  {
    why: "for a flag that is wrong",
    words: (root) => ["--timeout", "1m", "--rootfs", root, "true"],
    exitCode: 125,
    error: { code: "usage", step: null },
  },
  {
    why: "at a step of the plan",
    words: (root) => ["-w", "/nosuch", "--rootfs", root, "true"],
    exitCode: 125,
    error: { code: "syscall", call: 'chdir("/nosuch")', errno: "ENOENT" },
  },
  {
    why: "at the command",
    words: (root) => ["--rootfs", root, "nosuch"],
    exitCode: 127,
    error: { code: "command_not_found", step: null },
  },
];

for (const { user, needs } of USERS) {
  for (const { why, words, exitCode, error } of FAILURES) {
    Deno.test({
      ...requires(`run files: a start that fails ${why} leaves a status alone, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.run("run", "--rm", ...NAMING, ...words(box.rootfs));
        equal(ran.code, exitCode);
        deepEqual(filesIn(box), ["status"]);
        const status = statusIn(box);
        deepEqual([status.engine, status.exitCode, status.signal], ["error", exitCode, null]);
        deepEqual(Object.fromEntries(Object.keys(error).map((key) => [key, status.error[key]])), error);
        // The same is said to people.
        match(ran.stderr, new RegExp(`^myctr: ${String(status.error.message).replace(/[^\w ]/g, ".")}`));
      },
    });
  }

  Deno.test({
    ...requires(
      `run files: --cidfile refuses a file that is there, and leaves it alone, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await box.write("cid", "another's");
      const ran = await box.run("run", "--rm", "--cidfile", "cid", "--rootfs", box.rootfs, "echo", "ran");
      deepEqual([ran.code, ran.stdout], [125, ""]);
      match(ran.stderr, /^myctr: Cannot write --cidfile "cid": the file exists already\n {2}hint/);
      equal(readIfThere(`${box.work}/cid`), "another's");
    },
  });

  Deno.test({
    ...requires(
      `run files: --pidfile names process 1; its end by a signal is in the status, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await using running = await startWaiting(box, "--rm", ...NAMING);
      equal(readIfThere(`${box.work}/status`), "");
      const pid = Number(readIfThere(`${box.work}/pid`));
      match(readIfThere(`/proc/${pid}/status`), new RegExp(`^NSpid:.*\\t${pid}\\t1$`, "m"));
      Deno.kill(pid, "SIGKILL");
      equal((await running.ended).code, 137);
      deepEqual(statusIn(box), {
        engine: "ok",
        exitCode: 137,
        signal: "SIGKILL",
        timedOut: false,
        error: null,
      });
      deepEqual(filesIn(box), ["cid", "pid", "status"]);
    },
  });

  Deno.test({
    ...requires(`run files: a monitor that is killed is in the status, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using running = await startWaiting(box, "--rm", ...NAMING);
      const pid = readIfThere(`${box.work}/pid`);
      Deno.kill(Number(/^PPid:\t(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`))![1]), "SIGKILL");
      equal((await running.ended).code, 137);
      equal(statusIn(box).engine, "killed");
    },
  });

  Deno.test({
    ...requires(`run --replace: a container that runs is killed and makes way, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using running = await startWaiting(box, "--name", "web");
      const replace = ["run", "--replace", "--name", "web", "--rm", "--rootfs", box.rootfs];
      // What can't be run shall not cost the one that runs.
      equal((await box.run(...replace, "-v", "/nosuch:/x", "true")).code, 125);
      equal(box.containers().length, 1);
      const second = await box.run(...replace, "echo", "second");
      deepEqual([second.code, second.stdout, second.stderr], [0, "second\n", ""]);
      equal((await running.ended).code, 137);
      deepEqual(box.containers(), []);
    },
  });
}
