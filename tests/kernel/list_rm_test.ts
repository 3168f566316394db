/** `myctr list` and `myctr rm`, of containers that run and of those that have ended. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Spawned, USERS } from "./box.ts";

const HEAD = /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/;

/** Runs a container that stays behind; gives its id. */
async function leave(box: Box, code: number, ...flags: string[]): Promise<string> {
  const before = new Set(box.containers().map(({ id }) => id));
  const ran = await box.run("run", ...flags, "--rootfs", box.rootfs, "sh", "-c", `exit ${code}`);
  equal(ran.code, code, ran.stderr);
  return box.containers().find(({ id }) => !before.has(id))!.id;
}

/** Starts a container that waits. */
async function start(box: Box, ...flags: string[]): Promise<Spawned> {
  const words = ["sh", "-c", "echo ready; exec sleep 100"];
  const running = box.spawn(box.command("run", ...flags, "--rootfs", box.rootfs, ...words));
  await running.until("ready");
  return running;
}

/** The rows of a table below its head. */
async function list(box: Box, ...flags: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await box.run("list", ...flags);
  deepEqual([code, stderr], [0, ""]);
  const [head = "", ...rows] = stdout.trimEnd().split("\n");
  match(head, HEAD);
  return rows;
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`list: nothing at first, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      deepEqual(await list(box, "--all"), []);
    },
  });

  Deno.test({
    ...requires(`list: a container that has ended is in list --all alone, as Exited, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await leave(box, 42, "--name", "web");
      deepEqual(await list(box), []);
      const [row = "", ...others] = await list(box, "-a");
      match(
        row,
        new RegExp(`^${id.slice(0, 12)} +\\S+rootfs +"sh -c exit 42" +.* ago +Exited \\(42\\) .* ago +web$`),
      );
      deepEqual(others, []);
      await box.run("rm", id);
    },
  });

  Deno.test({
    ...requires(`list: -q gives ids, --no-trunc whole ones, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const [first, second] = [await leave(box, 0), await leave(box, 1)];
      equal((await box.run("list", "-aq")).stdout, `${second.slice(0, 12)}\n${first.slice(0, 12)}\n`);
      equal((await box.run("list", "-a", "-q", "--no-trunc")).stdout, `${second}\n${first}\n`);
      match((await list(box, "-a", "--no-trunc"))[0]!, new RegExp(`^${second} `));
      await box.run("rm", first, second);
    },
  });

  Deno.test({
    ...requires(`list: a running container is Up, and goes with --rm when it ends, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using running = await start(box, "--rm", "--name", "web");
      match((await list(box))[0]!, / Up .* web$/);
      Deno.kill(box.containers()[0]!.pid, "SIGKILL");
      equal((await running.ended).code, 137);
      deepEqual(await list(box, "-a"), []);
      deepEqual(box.traces(), []);
    },
  });

  Deno.test({
    ...requires(`rm: by name, by id, by the beginning of an id, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await leave(box, 0, "--name", "web");
      const [whole, short] = [await leave(box, 0), await leave(box, 0)];
      const named = ["web", whole, short.slice(0, 6)];
      const ran = await box.run("rm", ...named);
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, named.map((name) => `${name}\n`).join(""), ""]);
      deepEqual(box.traces(), []);
    },
  });

  Deno.test({
    ...requires(`rm: a running container is refused without -f, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using running = await start(box, "--name", "web");
      const refused = await box.run("rm", "web");
      deepEqual([refused.code, refused.stdout], [1, ""]);
      match(refused.stderr, /^myctr: Cannot remove .*web.*\n {2}hint {2}.*-f/);
      const forced = await box.run("rm", "-f", "web");
      deepEqual([forced.code, forced.stdout, forced.stderr], [0, "web\n", ""]);
      equal((await running.ended).code, 137);
      deepEqual(box.containers(), []);
    },
  });

  Deno.test({
    ...requires(`rm: what is not there is an error, but not with -f, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await leave(box, 0, "--name", "web");
      const ran = await box.run("rm", "none", "web");
      deepEqual([ran.code, ran.stdout], [1, "web\n"]);
      match(ran.stderr, /^myctr: Cannot find container "none"/);
      equal((await box.run("rm", "-f", id)).code, 0);
    },
  });

  Deno.test({
    ...requires(`run: a name that is taken is refused, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await leave(box, 0, "--name", "web");
      const clash = await box.run("run", "--name", "web", "--rootfs", box.rootfs, "true");
      deepEqual([clash.code, clash.stdout], [125, ""]);
      match(clash.stderr, /^myctr: Cannot use the name "web": .*\n {2}hint {2}/);
      equal((await box.run("list", "-aq")).stdout, `${id.slice(0, 12)}\n`);
      await box.run("rm", "web");
      equal((await box.run("run", "--rm", "--name", "web", "--rootfs", box.rootfs, "true")).code, 0);
    },
  });

  Deno.test({
    ...requires(`rm: files of all the container's users go with an overlay, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command = "mkdir -m 700 /tmp/a; touch /tmp/a/f; chown -R 1000:1000 /tmp/a; chmod 500 /tmp/a";
      await box.run("run", "--name", "web", "--rootfs", `${box.rootfs}:O`, "sh", "-c", command);
      equal((await box.run("rm", "web")).stdout, "web\n");
      deepEqual(box.traces(), []);
    },
  });
}
