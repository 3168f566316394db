/** `myctr list` of real containers: filters and fields, what a crash left, and others that change what is looked at. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";

/** Makes a container that is not started; gives its id. */
async function create(box: Box, ...flags: string[]): Promise<string> {
  const made = await box.run("create", ...flags, "--rootfs", box.rootfs, "sleep", "100");
  equal(made.code, 0, made.stderr);
  return made.stdout.trim();
}

async function names(box: Box, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await box.run("ps", ...flags, "--format", "{{.Names}}");
  deepEqual([code, stderr], [0, ""]);
  return stdout.trim().split("\n").join(" ");
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`list: filters and fields of what was made, runs and has ended, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await create(box, "--name", "made", "-l", "tier=back", "-v", `${box.work}:/data`);
      await box.run(
        "run",
        "--name",
        "ended",
        "--network",
        "host",
        "--rootfs",
        box.rootfs,
        "sh",
        "-c",
        "exit 3",
      );
      await box.run("run", "-d", "--name", "up", "-l", "tier=front", "--rootfs", box.rootfs, "sleep", "100");
      const cases = [
        [[], "up"],
        [["-a"], "up ended made"],
        [["-n", "2"], "up ended"],
        [["-l", "-f", "label=tier=back"], "made"],
        [["-f", "status=created", "-f", "status=exited"], "ended made"],
        [["-f", "exited=3"], "ended"],
        [["-a", "-f", "label=tier", "-f", "name=p$"], "up"],
        [["-a", "-f", `ancestor=${box.rootfs}`, "-f", "before=up", "-f", "since=made"], "ended"],
        [["-a", "-f", "volume=/data"], "made"],
        [["-a", "-f", "network=host"], "ended"],
      ] as const;
      for (const [flags, wanted] of cases) equal(await names(box, ...flags), wanted, flags.join(" "));
      const format = "{{.Names}}|{{.State}}|{{.Status}}|{{.Networks}}|{{.Labels}}|{{.Mounts}}";
      const { stdout } = await box.run("ps", "-a", "--no-trunc", "--format", format);
      deepEqual(stdout.replaceAll(/(?:Less|\d+|About) .*?(?= ago|\|)/g, "TIME").trimEnd().split("\n"), [
        "up|running|Up TIME|none|tier=front|",
        "ended|exited|Exited (3) TIME ago|host||",
        `made|created|Created|none|tier=back|${box.work}`,
      ]);
      await box.run("rm", "-f", "made", "ended", "up");
    },
  });

  Deno.test({
    ...requires(`list: -s measures what was written over a root, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const write =
        "head -c 5000 /dev/zero >/tmp/f; mkdir /tmp/d; head -c 500 /dev/zero >/tmp/d/g; ln /tmp/f /tmp/h";
      await box.run("run", "--name", "web", "--rootfs", `${box.rootfs}:O`, "sh", "-c", write);
      const { stdout } = await box.run("ps", "-as", "--format", "{{.Size}}");
      match(stdout, /^5\.5kB \(virtual [\d.]+[kM]B\)\n$/);
      match((await box.run("ps", "-as")).stdout, /NAMES +SIZE\n.* web +5\.5kB \(virtual/);
      await box.run("rm", "web");
    },
  });

  Deno.test({
    ...requires(`list: what a killed start left goes, also without -a, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const id = await create(box, "--name", "web");
      await Deno.remove(`${box.state}/containers/${id}/state.json`);
      deepEqual([await names(box), box.traces()], ["", []]);
    },
  });

  Deno.test({
    ...requires(`list: one of another version is told, and hides no other, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const [old] = [await create(box), await create(box, "--name", "web")];
      const path = `${box.state}/containers/${old}/state.json`;
      const state = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, state.replace('"version":2', '"version":1'));
      const { code, stdout, stderr } = await box.run("list", "-a", "--format", "{{.Names}}");
      deepEqual([code, stdout], [1, "web\n"]);
      match(
        stderr,
        new RegExp(`^myctr: Cannot read container ${old.slice(0, 12)}: its state has another version\n`),
      );
      await Deno.writeTextFile(path, state);
      await box.run("rm", old, "web");
    },
  });

  Deno.test({
    ...requires(`list: two that look and one that removes do not disturb each other, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ids: string[] = [];
      for (let count = 0; count < 12; count++) ids.push(await create(box));
      const looks = async () => {
        for (let count = 0; count < 6; count++) {
          const { code, stdout, stderr } = await box.run(
            "ps",
            "-a",
            "--no-trunc",
            "--format",
            "{{.ID}} {{.State}}",
          );
          deepEqual([code, stderr], [0, ""]);
          // A look at the lock is not the lock of one that runs.
          deepEqual(stdout.split("\n").filter((line) => !/^$|^[0-9a-f]{64} created$/.test(line)), []);
        }
      };
      await Promise.all([looks(), looks(), box.run("rm", ...ids)]);
      deepEqual([await names(box, "-a"), box.traces()], ["", []]);
    },
  });
}
