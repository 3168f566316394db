/** `--network container:NAME`: two containers with one network, and each with processes and files of its own. */

import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Spawned, USERS } from "./box.ts";

/** Starts a container that answers at port 7 of its network. */
async function startServer(box: Box, ...flags: readonly string[]): Promise<Spawned> {
  const words = ["sh", "-c", "nc -ll -p 7 -e hostname & echo ready; exec sleep 20"];
  const server = box.spawn(
    box.command(
      "run",
      "--rm",
      "--name",
      "server",
      "--hostname",
      "server",
      ...flags,
      "--rootfs",
      box.rootfs,
      ...words,
    ),
  );
  await server.until("ready");
  return server;
}

async function stop(box: Box, server: Spawned): Promise<void> {
  await box.run("rm", "-f", "server");
  await server.ended;
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `join: a container reaches the other at 127.0.0.1, and sees nothing else of it, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const { pid } = box.containers().find(({ name }) => name === "server")!;
      const names = ["net", "user", "pid", "mnt", "ipc"];
      const seen = await box.inside(
        "--network=container:server",
        "sh",
        "-c",
        `sleep 0.1; nc 127.0.0.1 7 < /dev/null; ls /sys/class/net; ps -o comm | grep -c '^sleep$'; ${
          names.map((name) => `readlink /proc/self/ns/${name}`).join("; ")
        }`,
      );
      const [hello, device, sleeps, ...inside] = seen.stdout.trimEnd().split("\n");
      deepEqual([hello, device, sleeps, seen.code], ["server", "lo", "0", 0], seen.stderr);
      const outside = names.map((name) => Deno.readLinkSync(`/proc/${pid}/ns/${name}`));
      deepEqual(inside.slice(0, 2), outside.slice(0, 2));
      for (const index of [2, 3, 4]) notEqual(inside[index], outside[index]);
      await stop(box, server);
    },
  });

  Deno.test({
    ...requires(`join: the rights over the network are those of its container, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const flags = ["--network=container:server", "--cap-add=NET_ADMIN"];
      const { stdout } = await box.inside(
        ...flags,
        "sh",
        "-c",
        "ip link set lo mtu 1234; cat /sys/class/net/lo/mtu",
      );
      equal(stdout, "1234\n");
      const overlay = ["run", "--rm", "--network=container:server", "--rootfs", `${box.rootfs}:O`];
      const made = await box.run(...overlay, "sh", "-c", "touch /made; stat -c %u /made");
      equal(made.stdout, "0\n", made.stderr);
      await stop(box, server);
    },
  });

  Deno.test({
    ...requires(`join: what can't be joined is refused with the reason, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const missing = await box.inside("--network=container:server", "true");
      match(missing.stderr, /^myctr: Cannot find container "server"/);
      await box.run("run", "--name", "ended", "--rootfs", box.rootfs, "true");
      const ended = await box.inside("--network=container:ended", "true");
      match(ended.stderr, /^myctr: Cannot join the network of "ended": it is not running/);
      await box.run("rm", "ended");
      await using server = await startServer(box, "--network=host");
      const host = await box.inside("--network=container:server", "true");
      match(host.stderr, /^myctr: Cannot join the network of "server": it is this machine's/);
      deepEqual([missing, ended, host].map(({ code }) => code), [125, 125, 125]);
      await stop(box, server);
    },
  });
}
