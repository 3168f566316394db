/** `myctr doctor` and `myctr info` on this machine, as root and as an ordinary user. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

/** What holds wherever these tests run: they need containers. */
const CERTAIN = ["program in memory", "user namespaces", "other namespaces", "mounts in namespaces"];

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`doctor: containers can run, and nothing is left of the attempts, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ran = await box.run("doctor", "--format", "json");
      deepEqual([ran.code, ran.stderr], [0, ""]);
      const { canRun, checks } = JSON.parse(ran.stdout);
      equal(canRun, true);
      const bad = checks.filter((check: { name: string; state: string }) =>
        CERTAIN.includes(check.name) && check.state !== "ok"
      );
      deepEqual(bad, []);
      deepEqual(Array.from(Deno.readDirSync(box.state)), []);
    },
  });

  Deno.test({
    ...requires(
      `doctor: the text begins with the verdict and has no colours in a pipe, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const { stdout } = await box.run("doctor");
      match(stdout, /^Containers of \S+ can run here/);
      equal(stdout.includes("\x1b"), false);
    },
  });

  Deno.test({
    ...requires(`info: counts containers, and finds the state directory, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const info = async () => JSON.parse((await box.run("info", "--format", "json")).stdout);
      deepEqual((await info()).containers, { total: 0, running: 0, paused: 0, created: 0, exited: 0 });
      await box.run("run", "--name", "web", "--rootfs", box.rootfs, "true");
      const { containers, stateRoot, isRootless } = await info();
      deepEqual([containers.total, containers.exited], [1, 1]);
      deepEqual([stateRoot, isRootless], [box.state, user !== "root"]);
      await box.run("rm", "web");
    },
  });
}

Deno.test({
  ...requires("doctor: where user namespaces are used up, it names what forbids them", "root", "setpriv"),
  async fn() {
    await using box = await openBox();
    // A namespace of its own has a limit of its own: user_namespaces(7), /proc/sys/user.
    const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
    const words = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"];
    const ran = await box.exec([...words, ...box.command("doctor")]);
    equal(ran.stderr, "");
    match(ran.stdout, /^missing +user namespaces +user.max_user_namespaces is 0 /m);
    match(ran.stdout, /^ +get +sysctl user.max_user_namespaces=15000/m);
  },
});
