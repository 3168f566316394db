/** `myctr restart`, `rename`, `top`, `rm -f`, `container prune` and `system reset`. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { DEAF, eventsOf, OBEYS, runBackground, statusOf, untilSaid } from "./background.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";

function namesOf(box: Box): string[] {
  return Array.from(Deno.readDirSync(`${box.state}/names`), ({ name }) => name).sort();
}

async function create(box: Box, name: string, ...flags: string[]): Promise<string> {
  const ran = await box.run("create", "--name", name, ...flags, "--rootfs", box.rootfs, "true");
  equal(ran.code, 0, ran.stderr);
  return ran.stdout.trim();
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`restart: a running one is stopped and started, another one started, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", OBEYS);
      const other = await create(box, "db");
      const before = box.containers().find((each) => each.id === id)!.pid;
      const ran = await box.run("restart", "-t", "5", "web", "db");
      deepEqual([ran.code, ran.stderr, ran.stdout.split("\n").sort()], [0, "", ["", "db", "web"]]);
      deepEqual(eventsOf(box, id).slice(2), ["kill 15", "die", "stop", "start", "restart"]);
      equal(eventsOf(box, other).includes("stop"), false);
      equal(await statusOf(box, "web"), "Up");
      ok(box.containers().find((each) => each.id === id)!.pid !== before);
      equal((await box.run("restart", "none")).code, 1);
      equal((await box.run("restart", "-s", "KILL", "web")).code, 0);
      ok(eventsOf(box, id).includes("kill 9"));
      await box.run("rm", "-f", "web", "db");
    },
  });

  Deno.test({
    ...requires(`restart: one with --rm stays, and goes at its end, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["run", "--rm", "--name", "web", "--rootfs", box.rootfs, "sh", "-c", OBEYS];
      await using running = box.spawn(box.command(...words));
      await running.until("ready");
      const ran = await box.run("restart", "web");
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "web\n", ""]);
      equal((await running.ended).code, 3);
      equal(await statusOf(box, "web"), "Up");
      equal((await box.run("stop", "web")).code, 0);
      deepEqual(await box.settle(), []);
    },
  });

  Deno.test({
    ...requires(`rename: also while it runs; a name that is taken is refused, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", OBEYS);
      await create(box, "db");
      const ran = await box.run("rename", "web", "shop");
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "", ""]);
      deepEqual(namesOf(box), ["db", "shop"]);
      deepEqual([await statusOf(box, "shop"), await statusOf(box, "web")], ["Up", undefined]);
      equal(eventsOf(box, id).at(-1), "rename web");
      for (const name of ["db", "shop", "a b", ""]) {
        const refused = await box.run("rename", "shop", name);
        ok(refused.code !== 0 && refused.stderr.startsWith("myctr: Cannot "), name);
      }
      equal((await box.run("rename", "web", "x")).code, 1);
      equal((await box.run("rename", id.slice(0, 8), "web")).code, 0);
      equal((await box.run("stop", "web")).code, 0);
      deepEqual(namesOf(box), ["db", "web"]);
      await box.run("rm", "web", "db");
      deepEqual(box.traces(), []);
    },
  });

  Deno.test({
    ...requires(
      `rename: what was killed in between leaves a container that can be used, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const id = await create(box, "web");
      // The new name is taken, and the state does not know it yet.
      const path = `${box.state}/names/shop`;
      await Deno.writeTextFile(path, id);
      await box.give(path);
      equal((await box.run("rename", "web", "shop")).code, 0);
      deepEqual(namesOf(box), ["shop"]);
      // The state has the new name, and the old one is not given back yet.
      const old = `${box.state}/names/web`;
      await Deno.writeTextFile(old, id);
      await box.give(old);
      Deno.utimeSync(old, new Date(0), new Date(0));
      equal((await box.run("list", "-a")).code, 0);
      deepEqual(namesOf(box), ["shop"]);
      await box.run("rm", "shop");
    },
  });

  Deno.test({
    ...requires(`top: all processes of the container, and no other, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", "sleep 987 & sleep 988 & echo ready; exec sleep 989");
      await runBackground(box, "db", DEAF);
      const { code, stdout } = await box.run("top", "web");
      const [head = "", ...rows] = stdout.trimEnd().split("\n");
      deepEqual([code, head.split(/ +/)], [0, "UID PID PPID C STIME TTY TIME CMD".split(" ")]);
      deepEqual(rows.map((row) => row.slice(row.lastIndexOf("sleep"))).sort(), [
        "sleep 987",
        "sleep 988",
        "sleep 989",
      ]);
      const { pid } = box.containers().find((each) => each.id === id)!;
      ok(
        rows.some((row) =>
          new RegExp(`^\\S+ +${pid} +\\d+ +0 +\\d\\d:\\d\\d +\\? +00:00:00 +sleep 989$`).test(row)
        ),
      );
      const shown = await box.run("top", "web", "-o", "pid,args");
      deepEqual(shown.stdout.trimEnd().split("\n").length, 4, shown.stderr);
      match((await box.run("top", "web", "-o", "args")).stderr, /no column PID/);
      await box.run("kill", "web");
      const refused = await box.run("top", "web");
      deepEqual([refused.code, /it is not running/.test(refused.stderr)], [1, true]);
      await box.run("rm", "-f", "web", "db");
    },
  });

  Deno.test({
    ...requires(`rm -f: one of another version of myctr goes by id, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await runBackground(box, "web", DEAF);
      const path = `${box.state}/containers/${id}/state.json`;
      const text = readIfThere(path);
      await Deno.writeTextFile(path, text.replace('"version":2', '"version":1'));
      const refused = await box.run("rm", id);
      deepEqual([refused.code, /another version/.test(refused.stderr)], [1, true]);
      const ran = await box.run("rm", "-f", id);
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, `${id}\n`, ""]);
      deepEqual(await box.settle(), []);
    },
  });

  Deno.test({
    ...requires(`rm: beginnings of ids that several have are refused, -v is taken, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      // Of 17 ids two begin alike.
      const ids: string[] = [];
      for (let index = 0; index < 17; index++) ids.push(await create(box, `c${index}`));
      const digit = ids.map((id) => id[0]!).find((first, index, all) => all.indexOf(first) !== index)!;
      for (const command of ["rm", "stop", "kill", "restart", "pause", "top"]) {
        const ran = await box.run(command, digit);
        deepEqual([ran.code, /\d+ ids begin so/.test(ran.stderr)], [1, true], command);
      }
      equal((await box.run("rm", "-v", ...ids)).code, 0);
    },
  });

  Deno.test({
    ...requires(
      `container prune: what does not run, by filters, not without being asked, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await runBackground(box, "web", OBEYS);
      const [one, two] = [await create(box, "one", "--label", "k=v"), await create(box, "two")];
      const asked = await box.run("container", "prune");
      deepEqual([asked.code, /--force/.test(asked.stderr)], [125, true]);
      const prune = async (...filters: string[]) => {
        const words = ["container", "prune", "-f", ...filters.flatMap((text) => ["--filter", text])];
        const { code, stdout } = await box.run(...words);
        equal(code, 0);
        match(stdout, /^(Deleted Containers:\n([0-9a-f]{64}\n)+\n)?Total reclaimed space: \S+B\n$/);
        return [one, two].filter((id) => stdout.includes(id));
      };
      deepEqual(await prune("label=k=w"), []);
      deepEqual(await prune("until=1h"), []);
      deepEqual(await prune("label=k", "until=0s"), [one]);
      deepEqual(await prune("label!=k"), [two]);
      equal((await box.run("container", "prune", "-f", "--filter", "x=y")).code, 125);
      equal(await statusOf(box, "web"), "Up");
      await box.run("rm", "-f", "web");
    },
  });

  Deno.test({
    ...requires(`system reset: all containers, and the rest of it; other files stay, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await runBackground(box, "web", DEAF);
      await create(box, "db");
      await Deno.writeTextFile(`${box.state}/other`, "");
      equal((await box.run("system", "reset")).code, 125);
      const ran = await box.run("system", "reset", "--force");
      deepEqual([ran.code, ran.stderr], [0, ""]);
      deepEqual(Array.from(Deno.readDirSync(box.state), ({ name }) => name), ["other"]);
      equal((await box.run("list", "-aq")).stdout, "");
      deepEqual(await box.settle(), []);
    },
  });

  Deno.test({
    ...requires(`container: docker's longer forms do the same, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["container", "run", "-d", "--name", "web", "--rootfs", box.rootfs, "sh", "-c", OBEYS];
      const id = (await box.run(...words)).stdout.trim();
      await untilSaid(box, id, "ready");
      for (const list of ["ls", "ps", "list"]) {
        equal((await box.run("container", list, "-q", "--no-trunc")).stdout, `${id}\n`);
      }
      for (const word of ["stop", "start", "kill", "rm"]) {
        equal((await box.run("container", word, "web")).stdout, "web\n", word);
      }
      const unknown = await box.run("container", "doctor");
      deepEqual([unknown.code, /there is no such command/.test(unknown.stderr)], [125, true]);
    },
  });
}

Deno.test({
  ...requires("rm: what a killed monitor left of one with --pid host is killed too", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    // The one that is left holds no stream, and is in the group of the container alone.
    const script = "setsid sleep 986 </dev/null >/dev/null 2>&1 & echo ready; exec sleep 100";
    const id = await runBackground(box, "web", script, "--pid", "host");
    const { pid } = box.containers()[0]!;
    const parent = Number(/^PPid:\t(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1]);
    Deno.kill(parent, "SIGKILL");
    while (await statusOf(box, "web") === "Up") await sleep(10);
    ok(box.traces().some((text) => text.startsWith("cgroup ") && text.endsWith(id)));
    equal((await box.run("rm", "web")).code, 0);
    deepEqual(await box.settle(), []);
  },
});

Deno.test({
  ...requires("stop: one with --pid host is stopped with all that it started", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await runBackground(box, "web", `sleep 985 & ${OBEYS}`, "--pid", "host");
    const ran = await box.run("stop", "web");
    deepEqual([ran.code, ran.stderr], [0, ""]);
    equal(await statusOf(box, "web"), "Exited (3)");
    equal((await box.run("rm", "web")).code, 0);
    deepEqual(await box.settle(), []);
  },
});
