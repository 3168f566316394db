/** `myctr wait`: the exit codes of containers that have ended, end later, never ran, or are removed at their end. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Spawned, USERS } from "./box.ts";

/** A container in the background that ends with `code` when the box has a file of its name. */
async function start(box: Box, name: string, code: number, ...flags: string[]): Promise<void> {
  const command = `while [ ! -e /data/${name} ]; do sleep 0.05; done; exit ${code}`;
  const words = ["--name", name, "-v", `${box.work}:/data:ro`, ...flags, "--rootfs", box.rootfs];
  const ran = await box.run("run", "-d", ...words, "sh", "-c", command);
  equal(ran.code, 0, ran.stderr);
}

/** Starts `myctr wait`, and gives it time to come to its wait. */
async function wait(box: Box, ...words: string[]): Promise<Spawned> {
  const waiting = box.spawn(box.command("wait", ...words));
  await new Promise((resolve) => setTimeout(resolve, 500));
  return waiting;
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`wait: codes in the order of the words, whoever ends first, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "a", 3);
      await start(box, "b", 0);
      await start(box, "c", 200, "--rm");
      await using waiting = await wait(box, "c", "a", "b");
      for (const name of ["b", "a", "c"]) await box.write(name, "");
      const { code, stdout, stderr } = await waiting.ended;
      deepEqual([code, stdout, stderr], [0, "200\n3\n0\n", ""]);
      equal((await box.run("wait", "b", "a")).stdout, "0\n3\n");
      equal((await box.run("rm", "a", "b")).code, 0);
    },
  });

  Deno.test({
    ...requires(`wait: 0 for one that was only created, 137 for one that is killed, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      equal((await box.run("create", "--name", "new", "--rootfs", box.rootfs, "true")).code, 0);
      await start(box, "a", 0);
      await using waiting = await wait(box, "a");
      equal((await box.run("wait", "new")).stdout, "0\n");
      equal((await box.run("rm", "-f", "a", "new")).code, 0);
      equal((await waiting.ended).stdout, "137\n");
    },
  });

  Deno.test({
    ...requires(`wait: what is over can be started and removed at once, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "a", 7);
      await using first = await wait(box, "a");
      await using second = await wait(box, "a");
      await box.write("a", "");
      for (const waiting of [first, second]) equal((await waiting.ended).stdout, "7\n");
      for (let turn = 0; turn < 3; turn++) {
        equal((await box.run("start", "a")).code, 0);
        equal((await box.run("wait", "a")).stdout, "7\n");
      }
      equal((await box.run("rm", "a")).code, 0);
    },
  });

  Deno.test({
    ...requires(
      `wait: --condition next-exit waits for a start, removed for the removal, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "a", 5);
      await using next = await wait(box, "--condition", "next-exit", "a");
      await box.write("a", "");
      equal((await next.ended).stdout, "5\n");
      await using later = await wait(box, "--condition", "next-exit", "a");
      await using removed = await wait(box, "--condition", "removed", "a");
      equal((await box.run("start", "a")).code, 0);
      equal((await later.ended).stdout, "5\n");
      equal((await box.run("wait", "a")).stdout, "5\n");
      equal((await box.run("rm", "a")).code, 0);
      equal((await removed.ended).stdout, "5\n");
    },
  });

  Deno.test({
    ...requires(`wait: what is not there is an error, but not with --ignore, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "a", 1);
      await box.write("a", "");
      const ran = await box.run("wait", "nobody", "a");
      deepEqual([ran.code, ran.stdout], [1, "1\n"]);
      match(ran.stderr, /^myctr: Cannot find container "nobody"/);
      const ignored = await box.run("wait", "--ignore", "nobody", "a");
      deepEqual([ignored.code, ignored.stdout, ignored.stderr], [0, "-1\n1\n", ""]);
      equal((await box.run("rm", "a")).code, 0);
    },
  });
}
