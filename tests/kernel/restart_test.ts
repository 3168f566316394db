/** Restart policies on the real kernel: who starts what again, when, and what puts an end to it. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { chance } from "../chance.ts";
import { eventsOf, OBEYS, runBackground, TELLS, untilSaid } from "./background.ts";
import { type Box, USERS } from "./box.ts";
import { pssOf } from "./memory.ts";
import { killOwnProcessesOf } from "./own_processes.ts";
import { sleep } from "./robust_harness.ts";
import { testerFor } from "./test_in_box.ts";

const KILLS = Deno.env.get("MYCTR_QUICK") === undefined ? 30 : 10;

/** A container in the background. Gives its id. */
async function start(box: Box, name: string, policy: string, command: string): Promise<string> {
  const words = ["--name", name, "--restart", policy, "-v", `${box.work}:/data`, "--rootfs", box.rootfs];
  const { code, stdout, stderr } = await box.run("run", "-d", ...words, "sh", "-c", command);
  equal(code, 0, stderr);
  return stdout.trim();
}

async function show(box: Box, name: string, template: string): Promise<string> {
  const { code, stdout, stderr } = await box.run("inspect", "-f", template, name);
  equal(code, 0, stderr);
  return stdout.trimEnd();
}

/** Waits until a container has that status. */
async function until(box: Box, name: string, status: string): Promise<void> {
  while (await show(box, name, "{{.State.Status}}") !== status) await sleep(20);
}

/** The process that waits to start a container again. */
function waiterOf(box: Box, id: string): number | undefined {
  const state = JSON.parse(Deno.readTextFileSync(`${box.state}/containers/${id}/state.json`));
  return state.restart?.waiter?.pid;
}

/** Waits until a container has been started again so often. */
async function untilCounted(box: Box, name: string, count: number): Promise<void> {
  while (Number(await show(box, name, "{{.RestartCount}}")) < count) await sleep(20);
}

/** Fails at once the first four times, and then runs until it is asked to end. */
const FAILS_FOUR_TIMES = "echo x >>/data/starts; [ $(wc -l </data/starts) -le 4 ] && exit 3;" +
  "trap 'exit 0' TERM; while :; do sleep 0.02; done";

for (const user of USERS) {
  const test = testerFor("restart policy", user);

  test("on-failure:3 starts it three times more, at growing distances", async (box) => {
    const id = await start(box, "a", "on-failure:3", "read up rest </proc/uptime; echo $up; exit 5");
    const told = () => eventsOf(box, id);
    while (told().filter((each) => each === "die").length < 4) await sleep(20);
    await until(box, "a", "exited");
    await sleep(300);
    deepEqual(told(), ["create", ...Array.from({ length: 4 }, () => ["start", "die"]).flat()]);
    const times = (await box.run("logs", "a")).stdout.trim().split("\n").map(Number);
    const waitedMs = times.slice(1).map((time, index) => Math.round((time - times[index]!) * 1000));
    [100, 200, 400].forEach((least, index) => ok(waitedMs[index]! >= least, `${waitedMs}`));
    const shown =
      "{{.RestartCount}} {{.State.ExitCode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}";
    equal(await show(box, "a", shown), "3 5 on-failure 3");
  });

  test("on-failure leaves alone what ended well; always does not", async (box) => {
    const [a, b] = [await start(box, "a", "on-failure", "exit 0"), await start(box, "b", "always", "exit 0")];
    while (eventsOf(box, b).filter((each) => each === "start").length < 3) await sleep(20);
    deepEqual(eventsOf(box, a), ["create", "start", "die"]);
    equal(await show(box, "a", "{{.RestartCount}} {{.State.Status}}"), "0 exited");
  });

  test("a stop is the last word, also while it waits; a start counts anew", async (box) => {
    const id = await start(box, "a", "unless-stopped", FAILS_FOUR_TIMES);
    while (eventsOf(box, id).filter((each) => each === "start").length < 5) await sleep(20);
    equal(await show(box, "a", "{{.RestartCount}} {{.State.Running}}"), "4 true");
    equal((await box.run("stop", "a")).code, 0);
    equal(await show(box, "a", "{{.State.Status}} {{.State.ExitCode}}"), "exited 0");
    await Deno.remove(`${box.work}/starts`);
    equal((await box.run("start", "a")).code, 0);
    await until(box, "a", "restarting");
    const waiter = waiterOf(box, id)!;
    equal((await box.run("stop", "a")).code, 0);
    const [status, count] = (await show(box, "a", "{{.State.Status}} {{.RestartCount}}")).split(" ");
    equal(status, "exited");
    ok(Number(count) < 4, count);
    await sleep(1000);
    equal(await show(box, "a", "{{.State.Status}}"), "exited");
    equal(pssOf(waiter), 0);
  });

  test("kill and the stop signal are meant so, another signal is not", async (box) => {
    await runBackground(box, "a", TELLS, "--restart", "always");
    equal((await box.run("kill", "-s", "USR1", "a")).code, 0);
    const { id } = box.containers()[0]!;
    await untilSaid(box, id, "USR1\n");
    equal(await show(box, "a", "{{.State.Status}}"), "running");
    equal((await box.run("kill", "a")).code, 0);
    equal(await show(box, "a", "{{.State.Status}}"), "exited");
    equal((await box.run("start", "a")).code, 0);
    await sleep(300);
    equal(await show(box, "a", "{{.State.Status}}"), "running");
    equal((await box.run("kill", "a")).code, 0);
    await sleep(400);
    equal(await show(box, "a", "{{.State.Status}} {{.RestartCount}}"), "exited 0");
    await runBackground(box, "b", OBEYS, "--restart", "always");
    equal((await box.run("kill", "-s", "TERM", "b")).code, 0);
    equal((await box.run("wait", "b")).stdout, "3\n");
    await sleep(400);
    equal(await show(box, "b", "{{.State.Status}} {{.RestartCount}}"), "exited 0");
  });

  test("one that is about to be started is listed, kept from rm and prune, and can be killed", async (box) => {
    const id = await start(box, "a", "always", "exit 7");
    // By then it waits for 3.2 seconds: time for some commands.
    await untilCounted(box, "a", 5);
    await until(box, "a", "restarting");
    match((await box.run("list")).stdout, /Restarting \(7\) .* a\n$/);
    equal((await box.run("list", "-q", "--no-trunc", "-f", "status=restarting")).stdout, `${id}\n`);
    equal((await box.run("container", "prune", "-f")).code, 0);
    const refused = await box.run("rm", "a");
    equal(refused.code, 1);
    match(refused.stderr, /about to be started again\n {2}hint {2}Write "myctr rm -f a"/);
    await until(box, "a", "restarting");
    equal((await box.run("kill", "a")).code, 0);
    equal(await show(box, "a", "{{.State.Status}}"), "exited");
    equal((await box.run("rm", "a")).code, 0);
  });

  test("update changes it while the container runs, waits, or has ended", async (box) => {
    await start(box, "a", "no", "while [ ! -e /data/end ]; do sleep 0.02; done; exit 1");
    equal((await box.run("update", "--restart", "always", "a")).code, 0);
    await box.write("end", "");
    await untilCounted(box, "a", 3);
    await until(box, "a", "restarting");
    equal((await box.run("update", "--restart", "no", "a")).code, 0);
    await until(box, "a", "exited");
    await sleep(500);
    equal(await show(box, "a", "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}"), "exited no");
    equal((await box.run("update", "--restart", "on-failure:1", "a")).code, 0);
    equal((await box.run("start", "a")).code, 0);
    while (await show(box, "a", "{{.RestartCount}} {{.State.Status}}") !== "1 exited") await sleep(20);
    const removed = await box.run("run", "-d", "--rm", "--name", "b", "--rootfs", box.rootfs, "sleep", "9");
    equal(removed.code, 0);
    const refused = await box.run("update", "--restart", "always", "b");
    deepEqual([refused.code, refused.stdout], [1, ""]);
    match(refused.stderr, /it is removed then/);
  });

  test("who stays is given the first exit code; it goes on without him", async (box) => {
    const words = ["--name", "a", "--restart", "on-failure:2", "--rootfs", box.rootfs];
    const ran = await box.run("run", ...words, "sh", "-c", "echo said; exit 4");
    deepEqual([ran.code, ran.stdout, ran.stderr], [4, "said\n", ""]);
    while (await show(box, "a", "{{.RestartCount}} {{.State.Status}}") !== "2 exited") await sleep(20);
    equal((await box.run("logs", "a")).stdout, "said\nsaid\nsaid\n");
    equal((await box.run("wait", "a")).stdout, "4\n");
  });

  test("what can't be started any more is left, with the reason", async (box) => {
    const rootfs = box.makeRootfs("gone");
    const words = ["--name", "a", "--restart", "always", "--rootfs", rootfs];
    equal((await box.run("run", "-d", ...words, "sh", "-c", "sleep 0.3; exit 1")).code, 0);
    await Deno.rename(rootfs, `${rootfs}.away`);
    await until(box, "a", "exited");
    while (await show(box, "a", "{{.State.Error}}") === "") await sleep(20);
    match(await show(box, "a", "{{.State.Error}} {{.State.Status}}"), /^Cannot .* exited$/);
    await Deno.rename(`${rootfs}.away`, rootfs);
    equal((await box.run("start", "a")).code, 0);
    equal(await show(box, "a", "{{.State.Error}}"), "");
  });

  test("what waits is small, and ends whatever kills it", async (box) => {
    const id = await start(box, "a", "always", "exit 1");
    await untilCounted(box, "a", 4);
    let most = 0;
    while (most === 0) {
      await until(box, "a", "restarting");
      const waiter = waiterOf(box, id);
      // It may become myctr at any time.
      if (
        waiter === undefined || !Deno.readTextFileSync(`/proc/${waiter}/cmdline`).startsWith("myctr: waits")
      ) continue;
      most = pssOf(waiter);
    }
    ok(most <= 64, `${most} KiB`);
    Deno.kill(waiterOf(box, id)!, "SIGKILL");
    await until(box, "a", "exited");
    await sleep(300);
    equal(await show(box, "a", "{{.State.Status}}"), "exited");
    equal((await box.run("start", "a")).code, 0);
    await untilCounted(box, "a", 1);
  });

  test(`killed at ${KILLS} random instants: either it goes on, or a start makes it`, async (box) => {
    const id = await start(box, "a", "always", "exit 1");
    const next = chance(7);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(next() * 400);
      killOwnProcessesOf(id);
      const status = await show(box, "a", "{{.State.Status}}");
      ok(["running", "restarting", "exited"].includes(status), status);
      // It may just have begun to be started, by what was not seen.
      equal((await box.run("start", "a")).code, 0);
    }
    await untilCounted(box, "a", 2);
  });
}
