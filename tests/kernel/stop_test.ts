/** `myctr stop` and `myctr kill`: which signal, how long, what then. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { DEAF, eventsOf, OBEYS, runBackground, statusOf, TELLS, untilSaid } from "./background.ts";
import { openBox, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`stop: SIGTERM, and its own exit code, by name and by id, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", OBEYS);
      const other = await runBackground(box, "db", OBEYS);
      const ran = await box.run("stop", "web", other.slice(0, 8));
      deepEqual([ran.code, ran.stderr], [0, ""]);
      deepEqual(ran.stdout.split("\n").sort(), ["", other.slice(0, 8), "web"].sort());
      deepEqual([await statusOf(box, "web"), await statusOf(box, "db")], ["Exited (3)", "Exited (3)"]);
      deepEqual(eventsOf(box, id), ["create", "start", "kill 15", "die", "stop"]);
      equal((await box.run("stop", "web")).stdout, "web\n");
      equal((await box.run("rm", "web", "db")).code, 0);
    },
  });

  Deno.test({
    ...requires(`stop: who ignores the signal is killed after -t, and that is said, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", DEAF);
      const ran = await box.run("stop", "-t", "1", "web");
      deepEqual([ran.code, ran.stdout], [0, "web\n"]);
      match(ran.stderr, /^myctr: note: the kernel drops SIGTERM to "web".*--init.*killed in 1 second\n$/);
      equal(await statusOf(box, "web"), "Exited (137)");
      deepEqual(eventsOf(box, id), ["create", "start", "kill 15", "kill 9", "die", "stop"]);
      await box.run("rm", "web");
      await runBackground(box, "web", `trap '' TERM; ${DEAF}`);
      match((await box.run("stop", "--time", "0", "web")).stderr, /"web" ignores SIGTERM: .*at once\n$/);
      equal(await statusOf(box, "web"), "Exited (137)");
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`stop: with --init a command without a handler ends at once, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await runBackground(box, "web", DEAF, "--init");
      const ran = await box.run("stop", "-t", "-1", "web");
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "web\n", ""]);
      equal(await statusOf(box, "web"), "Exited (143)");
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`stop: -s, --stop-signal and --stop-timeout, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const [own, asked] = [["--stop-signal", "USR1", "--stop-timeout", "0"], ["-s", "int", "-t", "0"]];
      const id = await runBackground(box, "web", TELLS, ...own!);
      equal((await box.run("stop", "web")).code, 0);
      deepEqual(eventsOf(box, id), ["create", "start", "kill 10", "kill 9", "die", "stop"]);
      const other = await runBackground(box, "db", TELLS, ...own!);
      equal((await box.run("stop", ...asked!, "db")).code, 0);
      deepEqual(eventsOf(box, other), ["create", "start", "kill 2", "kill 9", "die", "stop"]);
      await box.run("rm", "web", "db");
    },
  });

  Deno.test({
    ...requires(`stop: a slow one does not hold up the others, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const names = ["slow", "one", "two", "three"];
      for (const name of names) await runBackground(box, name, name === "slow" ? TELLS : OBEYS);
      await using stopping = box.spawn(box.command("stop", "-t", "-1", ...names));
      // The slow one goes on until it is killed here, so the others can't have waited for it.
      for (const name of names.slice(1)) await stopping.until(`${name}\n`);
      equal(await statusOf(box, "slow"), "Up");
      equal((await box.run("kill", "slow")).stdout, "slow\n");
      const { code, stdout } = await stopping.ended;
      deepEqual([code, stdout.split("\n").at(-2)], [0, "slow"]);
      await box.run("rm", ...names);
    },
  });

  Deno.test({
    ...requires(`stop: one with --rm is gone when stop returns, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await runBackground(box, "web", OBEYS, "--rm");
      equal((await box.run("stop", "web")).stdout, "web\n");
      deepEqual(box.traces(), []);
    },
  });

  Deno.test({
    ...requires(`stop: one that runs in the foreground ends there with its code, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["run", "--rm", "--name", "web", "--rootfs", box.rootfs, "sh", "-c", OBEYS];
      await using running = box.spawn(box.command(...words));
      await running.until("ready");
      equal((await box.run("stop", "web")).code, 0);
      deepEqual(box.traces().filter((text) => text.startsWith("file")), []);
      equal((await running.ended).code, 3);
    },
  });

  Deno.test({
    ...requires(`stop: wrong names fail each for itself, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await runBackground(box, "web", OBEYS);
      const ran = await box.run("stop", "none", "web");
      deepEqual([ran.code, ran.stdout], [1, "web\n"]);
      match(ran.stderr, /^myctr: Cannot find container "none"/);
      for (const words of [["-t", "x"], ["-t", "-2"], ["-s", "NOPE"], ["-s", "0"], []]) {
        equal((await box.run("stop", ...words, ...(words.length > 0 ? ["web"] : []))).code, 125);
      }
      equal((await box.run("create", "--name", "new", "--rootfs", box.rootfs, "true")).code, 0);
      equal((await box.run("stop", "new")).stdout, "new\n");
      await box.run("rm", "web", "new");
    },
  });

  Deno.test({
    ...requires(`kill: SIGKILL, and the end is waited for, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", TELLS);
      const ran = await box.run("kill", "web");
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "web\n", ""]);
      deepEqual(eventsOf(box, id), ["create", "start", "kill 9", "die"]);
      const again = await box.run("kill", "web");
      deepEqual([again.code, again.stdout], [1, ""]);
      match(again.stderr, /^myctr: Cannot kill container "web": it is not running\n/);
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`kill: other signals by name and number; dropped ones are told, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", TELLS);
      for (const [signal, said] of [["USR1", "USR1"], ["sigint", "INT"], ["1", "HUP"]] as const) {
        deepEqual((await box.run("kill", "--signal", signal, "web")).stderr, "");
        await untilSaid(box, id, `${said}\n`);
      }
      match((await box.run("kill", "-s", "USR2", "web")).stderr, /^myctr: note: the kernel drops SIGUSR2/);
      equal(await statusOf(box, "web"), "Up");
      equal((await box.run("kill", "web")).code, 0);
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`stop: waits for a start that is under way, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await box.run("create", "--name", "web", "--rootfs", box.rootfs, "sh", "-c", OBEYS);
      await using starting = box.spawn(box.command("start", "--pause-step", "mount /proc", "web"));
      while (box.containers()[0]?.pid === undefined) await sleep(5);
      await using stopping = box.spawn(box.command("stop", "-t", "0", "web"));
      equal(await Promise.race([stopping.ended, sleep(300)]), undefined);
      starting.kill("SIGKILL");
      equal((await stopping.ended).code, 0);
      ok(["Created", "Exited (125)", "Exited (137)"].includes(await statusOf(box, "web") ?? ""));
      equal((await box.run("rm", "-f", "web")).code, 0);
    },
  });
}
