/** `myctr pause` and `myctr unpause`, and what is done to a paused container. */

import { deepEqual, equal, match } from "node:assert/strict";
import { ordinaryUser, requires } from "../setup/requirements.ts";
import { readIfThere } from "../setup/needs.ts";
import { DEAF, eventsOf, OBEYS, runBackground, statusOf, TELLS, untilSaid } from "./background.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";

const COUNTS = "i=0; echo ready; while :; do i=$((i + 1)); echo $i; sleep 0.02; done";

function outputOf(box: Box, id: string): string {
  return readIfThere(`${box.state}/containers/${id}/logs/stdout`);
}

Deno.test({
  ...requires("pause: nothing happens in it until unpause", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const id = await runBackground(box, "web", COUNTS);
    deepEqual((await box.run("pause", "web")).stdout, "web\n");
    match((await box.run("list")).stdout, /Up .* \(Paused\) .*web\n/);
    const before = outputOf(box, id);
    await sleep(200);
    equal(outputOf(box, id), before);
    const again = await box.run("pause", "web");
    deepEqual([again.code, /it is paused already/.test(again.stderr)], [1, true]);
    deepEqual((await box.run("unpause", "web")).stdout, "web\n");
    while (outputOf(box, id) === before) await sleep(5);
    const goes = await box.run("unpause", "web");
    deepEqual([goes.code, /it is not paused/.test(goes.stderr)], [1, true]);
    deepEqual(eventsOf(box, id).slice(2), ["pause", "unpause"]);
    await box.run("rm", "-f", "web");
  },
});

Deno.test({
  ...requires("pause: stop, kill, rm -f and restart of a paused container work", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const id = await runBackground(box, "web", OBEYS);
    for (
      const { words, status } of [
        { words: ["stop", "-t", "-1"], status: "Exited (3)" },
        { words: ["kill"], status: "Exited (137)" },
        { words: ["restart", "-t", "-1"], status: "Up" },
      ]
    ) {
      equal((await box.run("pause", "web")).code, 0);
      deepEqual((await box.run(...words, "web")).stdout, "web\n");
      equal(await statusOf(box, "web"), status);
      // One that runs is left alone.
      equal((await box.run("start", "web")).code, 0);
      await untilSaid(box, id, "ready");
    }
    equal((await box.run("pause", "web")).code, 0);
    const refused = await box.run("rm", "web");
    deepEqual([refused.code, /it is paused/.test(refused.stderr)], [1, true]);
    equal((await box.run("rm", "-f", "web")).code, 0);
    deepEqual(await box.settle(), []);
  },
});

Deno.test({
  ...requires(
    "kill: a paused container stays paused, and gets the signal when it goes on",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    const id = await runBackground(box, "web", TELLS);
    await box.run("pause", "web");
    match((await box.run("kill", "-s", "HUP", "web")).stderr, /^myctr: note: "web" is paused/);
    equal(outputOf(box, id).includes("HUP"), false);
    await box.run("unpause", "web");
    await untilSaid(box, id, "HUP\n");
    await box.run("rm", "-f", "web");
  },
});

Deno.test({
  ...requires("start: a monitor that was killed while paused leaves nothing in the way", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await runBackground(box, "web", DEAF);
    await box.run("pause", "web");
    const { pid } = box.containers()[0]!;
    const parent = Number(/^PPid:\t(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1]);
    Deno.kill(parent, "SIGKILL");
    while (await statusOf(box, "web") === "Up") await sleep(10);
    equal((await box.run("start", "web")).code, 0);
    equal(await statusOf(box, "web"), "Up");
    await box.run("rm", "-f", "web");
    deepEqual(await box.settle(), []);
  },
});

Deno.test({
  ...requires("pause: without a cgroup it says what would help", ...USERS[1]!.needs),
  async fn() {
    await using box = await openBox({ user: "ordinary" });
    await runBackground(box, "web", OBEYS);
    for (const action of ["pause", "unpause"]) {
      const { code, stdout, stderr } = await box.run(action, "web");
      deepEqual([code, stdout], [1, ""]);
      match(
        stderr,
        /^myctr: Cannot (un)?pause container "web": it has no cgroup\n {2}hint {2}Start it as root.*Delegate/,
      );
    }
    await box.run("rm", "-f", "web");
    equal((await box.run("pause", "web")).code, 1);
  },
});

/** Makes a cgroup that belongs to the ordinary user, as systemd delegates one. */
function delegate(): Disposable & { readonly path: string } {
  const { uid, gid } = ordinaryUser();
  const mount = readIfThere("/sys/fs/cgroup/cgroup.controllers") === "" ? "unified" : "";
  const path = `/sys/fs/cgroup/${mount}/delegated-${crypto.randomUUID()}`;
  for (const name of ["", "/session", "/session/myctr"]) {
    Deno.mkdirSync(path + name);
    for (const file of ["", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"]) {
      Deno.chownSync(path + name + file, uid, gid);
    }
  }
  const groups = [`${path}/session/myctr`, `${path}/session`, path];
  return { path, [Symbol.dispose]: () => groups.forEach((group) => tryRemove(group)) };
}

function tryRemove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was not made.
  }
}

Deno.test({
  ...requires("pause: the ordinary user pauses where a cgroup is delegated", ...USERS[1]!.needs),
  async fn() {
    using group = delegate();
    await using box = await openBox({ user: "ordinary" });
    const inGroup = ["sh", "-c", `echo $$ >${group.path}/session/cgroup.procs; exec "$@"`, "sh"];
    const run = (...words: string[]) => box.exec([...inGroup, ...box.command(...words)]);
    const started = await run("run", "-d", "--name", "web", "--rootfs", box.rootfs, "sh", "-c", COUNTS);
    equal(started.code, 0, started.stderr);
    const id = started.stdout.trim();
    await untilSaid(box, id, "ready");
    // Only the start was in that group: the others need not be.
    equal((await box.run("pause", "web")).code, 0);
    match((await box.run("list")).stdout, /\(Paused\)/);
    equal((await box.run("unpause", "web")).code, 0);
    equal((await box.run("pause", "web")).code, 0);
    equal((await box.run("stop", "-t", "0", "web")).code, 0);
    equal((await box.run("rm", "web")).code, 0);
  },
});
