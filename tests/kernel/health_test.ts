/** Health checks on the real kernel: who checks when, what is noted, and what is done about it. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Health } from "../../src/spec/healthcheck.ts";
import { chance } from "../chance.ts";
import { readIfThere } from "../setup/needs.ts";
import { eventsOf } from "./background.ts";
import { type Box, USERS } from "./box.ts";
import { pssOf } from "./memory.ts";
import { killOwnProcessesOf, ownProcessesOf } from "./own_processes.ts";
import { sleep } from "./robust_harness.ts";
import { testerFor } from "./test_in_box.ts";

const KILLS = Deno.env.get("MYCTR_QUICK") === undefined ? 30 : 10;
const MEMORY_KIB = 64;
const SETTLED_MS = 10_000;

/** A container in the background that is checked. Gives its id. */
async function start(box: Box, flags: readonly string[], command = "exec sleep 100"): Promise<string> {
  const words = ["--name", "a", "-v", `${box.work}:/data`, ...flags, "--rootfs", box.rootfs];
  const { code, stdout, stderr } = await box.run("run", "-d", ...words, "sh", "-c", command);
  equal(code, 0, stderr);
  return stdout.trim();
}

async function show(box: Box, template: string): Promise<string> {
  const { code, stdout, stderr } = await box.run("inspect", "-f", template, "a");
  equal(code, 0, stderr);
  return stdout.trimEnd();
}

function healthOf(box: Box, id: string): Health {
  return JSON.parse(readIfThere(`${box.state}/containers/${id}/health.json`));
}

/** Waits until so many checks are noted. */
async function untilChecked(box: Box, id: string, count: number): Promise<Health> {
  while (healthOf(box, id).log.length < count) await sleep(20);
  return healthOf(box, id);
}

/** Waits until one process of myctr's own is there: a check starts what waits for the next one, and then ends. */
async function untilOneIsLeft(id: string): Promise<void> {
  const end = Date.now() + SETTLED_MS;
  while (ownProcessesOf(id).length !== 1) {
    ok(Date.now() < end, `${ownProcessesOf(id).length} processes wait or check`);
    await sleep(5);
  }
}

const FAILING = ["--health-interval", "100ms", "--health-cmd", "echo bad >&2; exit 7"];

for (const user of USERS) {
  const test = testerFor("health", user);

  test("from starting to healthy to unhealthy and back, as list, inspect, events and wait tell it", async (box) => {
    const id = await start(box, [
      "--health-interval",
      "1s",
      "--health-retries",
      "1",
      "--health-cmd",
      "echo said; test -e /data/ok",
    ]);
    match((await box.run("list")).stdout, /Up .* \(health: starting\) .* a\n$/);
    equal(await show(box, "{{.State.Health.Status}}"), "starting");
    await box.write("ok", "");
    const healthy = await box.run("wait", "--condition", "healthy", "a");
    deepEqual([healthy.code, healthy.stdout, healthy.stderr], [0, "healthy\n", ""]);
    match((await box.run("list")).stdout, /Up .* \(healthy\) .* a\n$/);
    equal((await box.run("list", "-q", "--no-trunc", "-f", "health=healthy")).stdout, `${id}\n`);
    equal((await box.run("list", "-q", "-f", "health=unhealthy", "-f", "health=none")).stdout, "");
    equal((await box.run("list", "--format", "{{.HealthStatus}}")).stdout, "healthy\n");
    await Deno.remove(`${box.work}/ok`);
    equal((await box.run("wait", "--condition", "unhealthy", "a")).stdout, "unhealthy\n");
    match((await box.run("list")).stdout, /Up .* \(unhealthy\) .* a\n$/);
    const [last] = healthOf(box, id).log.slice(-1);
    deepEqual([last?.exitCode, last?.output], [1, "said\n"]);
    await box.write("ok", "");
    equal((await box.run("wait", "--condition", "healthy", "a")).stdout, "healthy\n");
    equal(await show(box, "{{.State.Health.FailingStreak}}"), "0");
    const told = ["healthy", "unhealthy", "healthy"].map((status) => `health_status: ${status}`);
    deepEqual(eventsOf(box, id), ["create", "start", ...told]);
    const filtered = await box.run("events", "--since", "1h", "--until", "0s", "-f", "event=health_status");
    equal(filtered.stdout.split("\n").length, 4);
  });

  test("the last five results are kept, the first 4096 bytes of each", async (box) => {
    const count = "echo x >>/data/checks; wc -l </data/checks; head -c 200000 /dev/zero | tr '\\0' y";
    const id = await start(box, ["--health-interval", "10ms", "--health-cmd", count]);
    while (readIfThere(`${box.work}/checks`).length < 2 * 8) await sleep(20);
    const { log } = await untilChecked(box, id, 5);
    equal(log.length, 5);
    const first = Number(log[0]!.output.split("\n", 1)[0]);
    deepEqual(
      log.map(({ output }) => Number(output.split("\n", 1)[0])),
      [0, 1, 2, 3, 4].map((more) => first + more),
    );
    deepEqual([...new Set(log.map(({ output }) => output.length))], [4096]);
    ok(log.every(({ startMs, endMs, exitCode }) => endMs >= startMs && exitCode === 0));
  });

  test("it runs as the container's user, in its directory, with its variables", async (box) => {
    const id = await start(box, [
      ...["-u", "app", "-w", "/tmp", "-e", "A=1 2", "--health-interval", "100ms"],
      ...["--health-cmd", 'id -un; pwd; echo "$A"; cat /proc/1/comm; cat'],
    ]);
    const { log } = await untilChecked(box, id, 1);
    equal(log[0]!.output, "app\n/tmp\n1 2\nsleep\n");
  });

  test("what takes too long or is not there fails, and nothing of it is left", async (box) => {
    const id = await start(box, [
      "--health-interval",
      "100ms",
      "--health-timeout",
      "300ms",
      "--health-cmd",
      "sleep 77 & sleep 77",
    ]);
    const late = await untilChecked(box, id, 2);
    deepEqual(late.log.map(({ exitCode, output }) => [exitCode, output])[0], [
      -1,
      "Health check exceeded timeout (300 ms)",
    ]);
    equal((await box.run("rm", "-f", "a")).code, 0);
    const other = await start(box, ["--health-interval", "100ms", "--health-cmd", '["nosuch", "-v"]']);
    const missing = await untilChecked(box, other, 1);
    deepEqual(missing.log.map(({ exitCode }) => exitCode)[0], -1);
    match(missing.log[0]!.output, /^Cannot run "nosuch"/);
  });

  test("a new start begins anew; the end ends what waits", async (box) => {
    const id = await start(box, [...FAILING, "--health-retries", "2"]);
    equal((await box.run("wait", "--condition", "unhealthy", "a")).stdout, "unhealthy\n");
    equal((await box.run("stop", "-t", "0", "a")).code, 0);
    while (ownProcessesOf(id).length > 0) await sleep(20);
    const before = healthOf(box, id);
    equal(before.status, "unhealthy");
    await sleep(300);
    deepEqual(healthOf(box, id), before);
    const ended = await box.run("wait", "--condition", "healthy", "a");
    deepEqual([ended.code, ended.stdout], [1, ""]);
    match(ended.stderr, /Cannot wait until container "a" is healthy: it does not run/);
    equal((await box.run("start", "a")).code, 0);
    ok(healthOf(box, id).log.length <= 1);
    equal((await box.run("wait", "--condition", "unhealthy", "a")).stdout, "unhealthy\n");
    await untilOneIsLeft(id);
  });

  test("who waits for health is told of the end, and of no check at all", async (box) => {
    await start(box, ["--health-interval", "1h", "--health-cmd", "true"], "sleep 1; exit 3");
    const ended = await box.run("wait", "--condition", "healthy", "a");
    equal(ended.code, 1);
    match(ended.stderr, /it does not run\n {2}hint {2}See "myctr logs a"/);
    equal((await box.run("create", "--name", "b", "--rootfs", box.rootfs, "true")).code, 0);
    const none = await box.run("wait", "--condition", "healthy", "b");
    equal(none.code, 1);
    match(none.stderr, /it has no health check\n {2}hint {2}Make it with --health-cmd/);
  });

  test("a kill by its checks is followed by another start, where the policy says so", async (box) => {
    const flags = ["--health-retries", "1", "--health-on-failure", "kill", "--restart", "on-failure:2"];
    const id = await start(box, [...FAILING, ...flags]);
    while (await show(box, "{{.RestartCount}} {{.State.Status}}") !== "2 exited") await sleep(50);
    const life = ["start", "health_status: unhealthy", "kill 9", "die"];
    deepEqual(eventsOf(box, id), ["create", ...life, ...life, ...life]);
  });

  test("restart by its checks", async (box) => {
    const flags = ["--health-retries", "1", "--health-on-failure", "restart", "--stop-timeout", "0"];
    const check = "echo x >>/data/checks; [ $(wc -l </data/checks) -ge 3 ]";
    const id = await start(box, ["--health-interval", "100ms", ...flags, "--health-cmd", check]);
    while (await show(box, "{{.State.Health.Status}}") !== "healthy") await sleep(50);
    equal(eventsOf(box, id).filter((each) => each === "restart").length, 2);
    await untilOneIsLeft(id);
  });

  test(`with a restart policy, between checks: at most ${MEMORY_KIB} KiB`, async (box) => {
    for (const flag of ["-d", "-t"]) {
      const id = await start(box, [
        flag,
        "--restart",
        "always",
        "--health-interval",
        "1h",
        "--health-cmd",
        "true",
      ]);
      // The memory of the start is given back behind the command's take-over.
      await sleep(500);
      const monitor = Number(
        /^PPid:\s+(\d+)/m.exec(readIfThere(`/proc/${await show(box, "{{.State.Pid}}")}/status`))![1],
      );
      const [waiter] = ownProcessesOf(id);
      const kib = [monitor, waiter!].map(pssOf);
      ok(kib[0]! > 0 && kib[1]! > 0 && kib[0]! + kib[1]! <= MEMORY_KIB, `${flag}: ${kib} KiB`);
      equal((await box.run("rm", "-f", "a")).code, 0);
    }
  });

  test(`checks killed at ${KILLS} random instants: the file is whole, and a start checks again`, async (box) => {
    const next = chance(11);
    const id = await start(box, ["--health-interval", "20ms", "--health-cmd", "true"]);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(next() * 250);
      killOwnProcessesOf(id);
      ok(["starting", "healthy"].includes(healthOf(box, id).status));
      equal((await box.run("restart", "-t", "0", "a")).code, 0);
    }
    equal((await box.run("wait", "--condition", "healthy", "a")).stdout, "healthy\n");
  });
}
