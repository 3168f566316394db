/** Containers whose ids are mapped by --uidmap and --gidmap: they start, join, end, and can be removed. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";

/** The caller is user 1000. */
const AS_1000 = ["--uidmap", "0:1:1000", "--uidmap", "1000:0", "--uidmap", "1001:1001:1000"] as const;
/** The caller has no id in the container. */
const AS_NOBODY = ["--uidmap", "0:1:1000"] as const;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`id map: files of mapped ids can be removed, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const make =
        "mkdir -p /d/e; touch /d/e/f; chown -R 5:7 /d; chmod 0 /d/e; stat -c %u:%g /d/e; rm /etc/group";
      for (const flags of [["--rm"], ["--name", "kept"]]) {
        const words = [...flags, ...AS_1000, "--rootfs", `${box.rootfs}:O`];
        const { stdout, stderr, code } = await box.run("run", ...words, "sh", "-c", make);
        deepEqual([stdout, stderr, code], ["5:7\n", "", 0]);
      }
      equal((await box.run("rm", "kept")).code, 0);
      await using running = box.spawn(
        box.command(
          "run",
          ...AS_1000,
          "--name=runs",
          "--rootfs",
          `${box.rootfs}:O`,
          "sh",
          "-c",
          `${make}; exec sleep 20`,
        ),
      );
      await running.until("5:7");
      equal((await box.run("rm", "-f", "runs")).code, 0);
      equal((await running.ended).code, 137);
      deepEqual(await box.settle(), []);
    },
  });

  Deno.test({
    ...requires(`id map: root of the container need not be the caller, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const note = await box.write("note", "here\n");
      await Deno.chmod(box.work, 0o755);
      const flags = ["--rm", ...AS_NOBODY, "-h", "box", "-v", `${note}:/note:ro`, "--tmpfs", "/m", "host"];
      const command = "id -u; cat /note /etc/hostname; touch /m/f; stat -c %u /m/f; cat /proc/self/setgroups";
      const ran = await box.run("run", ...flags, "sh", "-c", command);
      deepEqual([ran.stdout, ran.stderr], ["0\nhere\nbox\n0\nallow\n", ""]);
      const timed = await box.run("run", "--timeout=1", "--stop-timeout=0", ...flags, "sleep", "20");
      equal(timed.code, 255, timed.stderr);
    },
  });

  Deno.test({
    ...requires(`id map: a container that starts again has its map again, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["cat", "/proc/self/uid_map", "/proc/self/gid_map"];
      const first = await box.run("run", "--name=again", ...AS_1000, "--rootfs", `${box.rootfs}:O`, ...words);
      const second = await box.run("start", "-a", "again");
      equal(first.stdout.split("\n").length, 7, first.stderr);
      deepEqual([second.stdout, second.stderr], [first.stdout, ""]);
      await box.run("rm", "again");
    },
  });

  Deno.test({
    ...requires(`id map: two containers with one network have one map, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["--rootfs", box.rootfs, "sh", "-c", "echo ready; exec sleep 20"];
      await using other = box.spawn(box.command("run", "--rm", "--name=other", ...AS_1000, ...words));
      await other.until("ready");
      const join = ["--network=container:other"];
      const same = await box.inside(
        ...join,
        ...AS_1000,
        "sh",
        "-c",
        "wc -l < /proc/self/uid_map; ls /etc/passwd",
      );
      deepEqual([same.stdout, same.stderr], ["3\n/etc/passwd\n", ""]);
      for (const map of [[], AS_NOBODY]) {
        const { code, stderr } = await box.inside(...join, ...map, "true");
        equal(code, 125);
        match(
          stderr,
          /^myctr: Cannot join the network of "other": its ids are mapped otherwise\n {2}hint .*--uidmap/,
        );
      }
      await box.run("rm", "-f", "other");
      await other.ended;
    },
  });
}

const ORDINARY = USERS.find(({ user }) => user === "ordinary")!;

Deno.test({
  ...requires("id map: an ordinary user gives away its own ids alone", ...ORDINARY.needs),
  async fn() {
    await using box = await openBox({ user: "ordinary" });
    const { uid } = Deno.statSync(box.work);
    const own = await box.inside(
      "--uidmap",
      `0:@${uid}`,
      "sh",
      "-c",
      "xargs < /proc/self/uid_map; cat /proc/self/setgroups",
    );
    deepEqual([own.stdout, own.stderr], [`0 ${uid} 1\ndeny\n`, ""]);
    for (const map of ["0:@0", "0:0:4000000000"]) {
      const { code, stdout, stderr } = await box.inside("--uidmap", map, "true");
      deepEqual([code, stdout], [125, ""]);
      match(
        stderr,
        /^myctr: Cannot use --uidmap ".*": you may not give away all of these user ids\n {2}hint {2}Yours are /,
      );
    }
  },
});

Deno.test({
  ...requires("id map: no overlay on disk for a root who is nobody to it", ...ORDINARY.needs),
  async fn() {
    await using box = await openBox({ user: "ordinary" });
    const flags = ["--rm", ...AS_NOBODY, "--rootfs", `${box.rootfs}:O`];
    const disk = await box.run("run", ...flags, "true");
    equal(disk.code, 125);
    match(
      disk.stderr,
      /^myctr: Cannot lay an overlay over ".*rootfs": your own ids are not in the map\n {2}hint/,
    );
    // What belongs to nobody can't be changed: the places of mounts have to be there.
    await box.inside("true");
    const memory = await box.run(
      "run",
      "--rootfs-tmpfs",
      ...flags,
      "sh",
      "-c",
      "touch /new; stat -c %u /new",
    );
    deepEqual([memory.stdout, memory.stderr], ["0\n", ""]);
  },
});
