/** `--network`, `--pid` and `--ipc container:NAME`: two containers share what was asked for, and nothing else. */

import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { readIfThere } from "../setup/needs.ts";
import { type Box, openBox, type Spawned, USERS } from "./box.ts";
import { maybeLink, pids } from "./traces.ts";

/** `server` has all of its own, `none` no shared memory, `host` the machine's. */
const UNFIT: readonly { readonly flags: readonly string[]; readonly problem: RegExp }[] = [
  { flags: ["--pid=container:"], problem: /^myctr: Cannot use --pid "container:": no container is named/ },
  { flags: ["--ipc=container:nobody"], problem: /^myctr: Cannot find container "nobody"/ },
  { flags: ["--name=me", "--pid=container:me"], problem: /^myctr: Cannot find container "me"/ },
  {
    flags: ["--name=server", "--replace", "--pid=container:server"],
    problem: /^myctr: Cannot join the pid namespace of "server": --replace ends it/,
  },
  {
    flags: ["--pid=container:host"],
    problem: /^myctr: Cannot join the pid namespace of "host": it is this machine's/,
  },
  {
    flags: ["--ipc=container:host"],
    problem: /^myctr: Cannot join the ipc namespace of "host": it is this machine's/,
  },
  {
    flags: ["--ipc=container:none"],
    problem: /^myctr: Cannot join the ipc namespace of "none": it has no \/dev\/shm/,
  },
  {
    flags: ["--ipc=container:server", "--shm-size=1m"],
    problem: /^myctr: Cannot use --shm-size with --ipc=container:server: \/dev\/shm is the other container's/,
  },
  {
    flags: ["--pid=container:server", "--network=container:none"],
    problem: /^myctr: Cannot join both "none" and "server": each has users of its own/,
  },
];

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

  Deno.test({
    ...requires(`join: processes are seen and killed across, files and names are not, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const seen = await box.inside(
        "--pid=container:server",
        "sh",
        "-c",
        "cat /proc/1/comm; [ $$ -gt 1 ] && readlink /proc/self/ns/pid; hostname; ls /proc/1/fd >/dev/null; kill -9 $(pidof nc)",
      );
      const { pid } = box.containers().find(({ name }) => name === "server")!;
      const [comm, inside, name] = seen.stdout.split("\n");
      deepEqual([comm, inside], ["sleep", Deno.readLinkSync(`/proc/${pid}/ns/pid`)], seen.stderr);
      notEqual(name, "server");
      equal(seen.code, 0, seen.stderr);
      const after = await box.inside(
        "--pid=container:server",
        "sh",
        "-c",
        "ps -o stat,comm | grep -c '^S.*nc$'; exit 7",
      );
      deepEqual([after.stdout, after.code], ["0\n", 7]);
      await stop(box, server);
    },
  });

  Deno.test({
    ...requires(
      `join: who ends first, and what is left behind, with a shared pid namespace, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const start = async (name: string, ...flags: readonly string[]) => {
        const words = ["sh", "-c", "sleep 21 >/dev/null 2>&1 & echo ready; exec sleep 20"];
        const joining = ["--rm", "--name", name, "--pid=container:server", ...flags, "--rootfs", box.rootfs];
        const started = box.spawn(box.command("run", ...joining, ...words));
        await started.until("ready");
        return started;
      };
      await using first = await start("first");
      const { cgroup } = box.containers().find(({ name }) => name === "first") as { cgroup?: string };
      equal((await box.run("rm", "-f", "first")).code, 0);
      equal((await first.ended).code, 137);
      const left = await box.inside(
        "--pid=container:server",
        "sh",
        "-c",
        "ps -o args | grep -c '^sleep 2[01]'",
      );
      // The server's, and what the first one left: with a cgroup it is killed.
      equal(left.stdout, cgroup === undefined ? "2\n" : "1\n");
      await using second = await start("second");
      await using third = await start(
        "third",
        "--init",
        "--network=container:server",
        "--ipc=container:server",
      );
      await stop(box, server);
      deepEqual([(await second.ended).code, (await third.ended).code], [137, 137]);
      deepEqual(box.containers(), []);
    },
  });

  Deno.test({
    ...requires(
      `join: with --init the command ends with the init that is not process 1, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const flags = ["--rm", "--init", "--name=joiner", "--pid=container:server", "--rootfs", box.rootfs];
      await using joiner = box.spawn(box.command("run", ...flags, "sh", "-c", "echo ready; exec sleep 22"));
      await joiner.until("ready");
      await box.run("rm", "-f", "joiner");
      equal((await joiner.ended).code, 137);
      const left = await box.inside("--pid=container:server", "sh", "-c", "ps -o args | grep -c '^sleep 22'");
      equal(left.stdout, "0\n");
      await stop(box, server);
    },
  });

  Deno.test({
    ...requires(`join: shared memory and queues are those of the other, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box, "--shm-size=1m");
      const write = await box.inside(
        "--ipc=container:server",
        "sh",
        "-c",
        "echo words >/dev/shm/file; touch /dev/mqueue/queue; readlink /proc/self/ns/ipc; echo $$",
      );
      const { pid } = box.containers().find(({ name }) => name === "server")!;
      equal(write.stdout, `${Deno.readLinkSync(`/proc/${pid}/ns/ipc`)}\n1\n`, write.stderr);
      equal(Deno.readTextFileSync(`/proc/${pid}/root/dev/shm/file`), "words\n");
      const flags = ["--ipc=container:server", "--pid=container:server", "--network=container:server"];
      const read = await box.inside(
        ...flags,
        "--read-only",
        "sh",
        "-c",
        "cat /dev/shm/file; ls /dev/mqueue; stat -c %u /dev/shm/file; grep ' /dev/shm ' /proc/mounts | cut -d ' ' -f 3,4",
      );
      match(read.stdout, /^words\nqueue\n0\ntmpfs rw,nosuid,nodev,noexec,.*size=1024k/, read.stderr);
      const own = await box.inside(
        "--ipc=container:server",
        "--tmpfs=/dev/shm",
        "ls",
        "/dev/shm",
        "/dev/mqueue",
      );
      equal(own.stdout, "/dev/mqueue:\nqueue\n\n/dev/shm:\n", own.stderr);
      await stop(box, server);
    },
  });

  Deno.test({
    ...requires(
      `join: what a new container still holds of the machine is hidden from the other, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const look =
        "echo ready; for i in $(seq 500); do [ -e /work/go ] && break; usleep 10000; done; for p in /proc/[0-9]*; do " +
        "case $(cat $p/comm) in sh|cat|usleep) ;; *) ls $p/root/ $p/fd/ $p/cwd/ 2>&1 && echo shown || echo hidden;; esac; done";
      const words = [
        "run",
        "--rm",
        "--name=server",
        "--cap-add=SYS_PTRACE",
        "-v",
        `${box.work}:/work`,
        "--rootfs",
        box.rootfs,
        "sh",
        "-c",
        look,
      ];
      await using server = box.spawn(box.command(...words));
      await server.until("ready");
      const joining = [
        "run",
        "--rm",
        "--pid=container:server",
        "--pause-step=enter the root",
        "--rootfs",
        box.rootfs,
        "true",
      ];
      await using joiner = box.spawn(box.command(...joining));
      const { pid } = box.containers().find(({ name }) => name === "server")!;
      for (let tries = 0; !isJoining(pid) && tries < 200; tries++) {
        await new Promise((done) => setTimeout(done, 10));
      }
      await box.write("go", "");
      const { stdout } = await server.ended;
      match(stdout, /Permission denied/);
      equal(/shown/.test(stdout), false, stdout);
      joiner.kill("SIGKILL");
      await joiner.ended;
      await box.run("list", "-a");
    },
  });

  Deno.test({
    ...requires(`join: a container that ends takes one along that has just joined it, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using server = await startServer(box);
      const { pid } = box.containers().find(({ name }) => name === "server")!;
      const flags = ["--rm", "--pid=container:server", "--pause-step=enter the root", "--rootfs", box.rootfs];
      await using joiner = box.spawn(box.command("run", ...flags, "true"));
      for (let tries = 0; !isJoining(pid) && tries < 200; tries++) {
        await new Promise((done) => setTimeout(done, 10));
      }
      await stop(box, server);
      const { code, stderr } = await joiner.ended;
      equal(code, 137, stderr);
    },
  });

  Deno.test({
    ...requires(
      `join: while a container starts, the machine's /dev/shm is not taken for its own, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const flags = ["--rm", "--name=server", "--pause-step=enter the root", "--rootfs", box.rootfs];
      await using server = box.spawn(box.command("run", ...flags, "true"));
      for (let tries = 0; box.containers().length === 0 && tries < 200; tries++) {
        await new Promise((done) => setTimeout(done, 10));
      }
      const { code, stderr } = await box.inside("--ipc=container:server", "true");
      match(stderr, /^myctr: Cannot join the ipc namespace of "server": its \/dev\/shm is this machine's/);
      equal(code, 125);
      await box.run("rm", "-f", "server");
      await server.ended;
    },
  });

  for (const { flags, problem } of UNFIT) {
    Deno.test({
      ...requires(`join: ${flags.join(" ")} is refused with the reason, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await using server = await startServer(box);
        await using none = await startNamed(box, "none", "--ipc=none");
        await using host = await startNamed(box, "host", "--ipc=host", "--pid=host");
        const ran = await box.inside(...flags, "true");
        match(ran.stderr, problem);
        equal(ran.code, 125);
        for (const name of ["none", "host"]) await box.run("rm", "-f", name);
        await Promise.all([none.ended, host.ended]);
        await stop(box, server);
      },
    });
  }
}

async function startNamed(box: Box, name: string, ...flags: readonly string[]): Promise<Spawned> {
  const words = [
    "run",
    "--rm",
    "--name",
    name,
    ...flags,
    "--rootfs",
    box.rootfs,
    "sh",
    "-c",
    "echo ready; exec sleep 20",
  ];
  const started = box.spawn(box.command(...words));
  await started.until("ready");
  return started;
}

/** Whether a process of myctr's program is in the pid namespace of that process. */
function isJoining(pid: number): boolean {
  const own = Deno.readLinkSync(`/proc/${pid}/ns/pid`);
  return pids().some((each) =>
    maybeLink(`/proc/${each}/ns/pid`) === own && readIfThere(`/proc/${each}/cmdline`).startsWith("myctr")
  );
}
