/** `myctr inspect` of real containers: what it tells is what the kernel and the disk have. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`inspect: one that runs, has ended, was made, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const flags = ["-l", "a=1", "-v", `${box.work}:/data:ro`, "-w", "/tmp", "--rootfs", box.rootfs];
      await box.run("run", "-d", "--name", "up", ...flags, "sleep", "100");
      await box.run(
        "run",
        "--name",
        "ended",
        "--rootfs",
        `${box.rootfs}:O`,
        "sh",
        "-c",
        "echo 12345 >/f; exit 3",
      );
      await box.run("create", "--name", "made", "--rootfs", box.rootfs, "true");
      const { code, stdout, stderr } = await box.run("inspect", "-s", "up", "ended", "made");
      deepEqual([code, stderr], [0, ""]);
      const [up, ended, made] = JSON.parse(stdout);
      const told = box.containers().find(({ name }) => name === "up")!;
      deepEqual([up.Id, up.Name, up.State.Pid, up.State.Status], [told.id, "/up", told.pid, "running"]);
      equal(
        (await Deno.readTextFile(`/proc/${up.State.Pid}/cmdline`)).replaceAll("\0", " ").trim(),
        "sleep 100",
      );
      deepEqual([up.Config.Labels, up.Config.WorkingDir, up.Mounts[0].RW], [{ a: "1" }, "/tmp", false]);
      deepEqual(up.Config.CreateCommand.slice(-3), [box.rootfs, "sleep", "100"]);
      for (const path of [up.HostsPath, up.HostnamePath, up.ResolvConfPath, up.OCIConfigPath, up.LogPath]) {
        ok(await Deno.stat(path), path);
      }
      ok(Math.abs(Date.parse(up.State.StartedAt) - Date.now()) < 60_000);
      const { State: state, GraphDriver: graph } = ended;
      deepEqual([state.Status, state.Running, state.ExitCode, state.Pid], ["exited", false, 3, 0]);
      ok(Date.parse(state.FinishedAt) >= Date.parse(state.StartedAt));
      equal(await Deno.readTextFile(`${graph.Data.UpperDir}/f`), "12345\n");
      deepEqual([ended.SizeRw, ended.SizeRootFs > 6], [6, true]);
      deepEqual([made.State.Status, made.State.StartedAt], ["created", "0001-01-01T00:00:00Z"]);
      await box.run("rm", "-f", "up", "ended", "made");
    },
  });

  Deno.test({
    ...requires(`inspect: what is missing is told, and the rest shown, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const none = await box.run("inspect", "none");
      deepEqual([none.code, none.stdout], [1, "[]\n"]);
      match(none.stderr, /^myctr: Cannot find "none"/);
      const id = (await box.run("create", "--name", "web", "--rootfs", box.rootfs, "true")).stdout.trim();
      const both = await box.run("inspect", "-f", "{{.Name}}", "none", id.slice(0, 5));
      deepEqual([both.code, both.stdout], [1, "/web\n"]);
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`inspect --run: what it prints makes the same container again, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await box.run("run", "--name", "web", "-e", "A=b  c", "--rootfs", box.rootfs, "sh", "-c", 'echo "$A"');
      const { stdout } = await box.run("inspect", "--run", "web");
      await box.run("rm", "web");
      const again = stdout.replace(/^myctr /, `${box.command().join(" ")} `).replace(
        /--root \S+ (?=--root )/,
        "",
      );
      const ran = await box.exec(["sh", "-c", again]);
      deepEqual([ran.stdout, ran.stderr, ran.code], ["b  c\n", "", 0]);
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`inspect: one of another version is told, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = (await box.run("create", "--name", "web", "--rootfs", box.rootfs, "true")).stdout.trim();
      const path = `${box.state}/containers/${id}/state.json`;
      const state = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, state.replace('"version":2', '"version":1'));
      const { code, stdout, stderr } = await box.run("inspect", "web");
      deepEqual([code, stdout], [1, "[]\n"]);
      match(stderr, /its state has another version\n {2}hint {2}Use the version of myctr that made it/);
      await Deno.writeTextFile(path, state);
      await box.run("rm", "web");
    },
  });
}
