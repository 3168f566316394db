/** What a container is kept from, and what it is given: seen from inside, and from outside in /proc. */

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";
import { maybeLink, pids } from "./traces.ts";
import { readIfThere } from "../setup/needs.ts";

/** What is printed inside, by whoever runs it. */
const FACTS: readonly {
  readonly what: string;
  readonly command: string;
  readonly stdout: string;
  readonly args?: readonly string[];
}[] = [
  {
    what: "the command is process 1 of a session",
    command: "echo $$; cut -d' ' -f6 /proc/1/stat",
    stdout: "1\n1\n",
  },
  { what: "no other process is seen", command: "echo /proc/[0-9]*", stdout: "/proc/1\n" },
  { what: "its host name is its short id", command: "hostname | grep -cE '^[0-9a-f]{12}$'", stdout: "1\n" },
  { what: "the mask of new files is 022", command: "umask", stdout: "0022\n" },
  { what: "open files are limited to 1024", command: "ulimit -Sn", stdout: "1024\n" },
  {
    what: "no signal is blocked or ignored",
    command: "grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2 | xargs",
    stdout: "0000000000000000 0000000000000000\n",
  },
  {
    what: "a broken pipe ends a writer",
    command: "(yes; echo $? >/tmp/code) | head -1; cat /tmp/code",
    stdout: "y\n141\n",
  },
  {
    what: "root has podman's eleven capabilities",
    command: "grep Cap /proc/self/status | cut -f2 | xargs",
    stdout: "0000000000000000 00000000800405fb 00000000800405fb 00000000800405fb 0000000000000000\n",
  },
  {
    what: "another user has none",
    args: ["-u", "app"],
    command: "grep Cap /proc/self/status | cut -f2 | xargs",
    stdout: "0000000000000000 0000000000000000 0000000000000000 00000000800405fb 0000000000000000\n",
  },
  {
    what: "the default devices are there",
    command: "cd /dev; for n in *; do [ ! -L $n ] && [ -c $n ] && stat -c '%n %t:%T %a' $n; done",
    stdout: "full 1:7 666\nnull 1:3 666\nrandom 1:8 666\ntty 5:0 666\nurandom 1:9 666\nzero 1:5 666\n",
  },
  {
    what: "the default links are there",
    command: "cd /dev; for n in *; do [ -L $n ] && echo $n $(readlink $n); done",
    stdout: "core /proc/kcore\nfd /proc/self/fd\nptmx pts/ptmx\n" +
      "stderr /proc/self/fd/2\nstdin /proc/self/fd/0\nstdout /proc/self/fd/1\n",
  },
  {
    what: "no other device can be made",
    command:
      "mknod /tmp/sda b 8 0 2>/dev/null && cat /tmp/sda 2>&1 | head -c1 | wc -c; rm -f /tmp/sda; echo end",
    stdout: "end\n",
  },
  {
    what: "the default mounts are there, with their options",
    command: 'awk \'$2 ~ "^/(proc|sys|dev|dev/pts|dev/shm|dev/mqueue|sys/fs/cgroup)$" ' +
      '{ split($4, o, ","); print $2, $3, o[1] "," o[2] "," o[3] "," o[4] }\' /proc/mounts',
    stdout: "/proc proc rw,nosuid,nodev,noexec\n/dev tmpfs rw,nosuid,size=65536k,mode=755\n" +
      "/dev/pts devpts rw,nosuid,noexec,relatime\n/dev/shm tmpfs rw,nosuid,nodev,noexec\n" +
      "/dev/mqueue mqueue rw,nosuid,nodev,noexec\n/sys sysfs ro,nosuid,nodev,noexec\n" +
      "/sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec\n",
  },
  {
    what: "settings of the kernel can not be changed",
    command: "for f in /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sysrq-trigger; do " +
      "[ -e $f ] && (echo 1 > $f) 2>&1; done | grep -vcE 'Read-only file system|Permission denied'",
    stdout: "0\n",
  },
  {
    what: "/proc is read-only where it reaches the machine",
    command:
      "for p in bus fs irq sys; do [ -d /proc/$p ] && awk -v p=/proc/$p '$2 == p { print substr($4, 1, 2) }' " +
      "/proc/mounts; done | sort -u",
    stdout: "ro\n",
  },
  {
    what: "what tells about the machine is empty",
    command: "for f in kcore keys timer_list latency_stats sched_debug interrupts; do " +
      "[ -e /proc/$f ] && head -c1 /proc/$f; done; for d in /proc/acpi /proc/scsi /sys/firmware; do " +
      "[ -d $d ] && ls $d; done; echo end",
    stdout: "end\n",
  },
  { what: "the old root is gone", command: "awk '$2 ~ \"^/tmp\"' /proc/mounts; ls /tmp", stdout: "" },
  {
    what: "the loopback device is the only one",
    command: "ls /sys/class/net; awk 'NR > 1' /proc/net/route",
    stdout: "lo\n",
  },
  { what: "there are three descriptors", command: "ls /proc/1/fd; true", stdout: "0\n1\n2\n" },
];

const KINDS = ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] as const;

for (const { user, needs } of USERS) {
  for (const { what, command, stdout, args = [] } of FACTS) {
    Deno.test({
      ...requires(`isolation: ${what}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.inside(...args, "sh", "-c", command);
        equal(ran.stdout, stdout, `${JSON.stringify(ran.stdout)}; ${ran.stderr}`);
      },
    });
  }

  Deno.test({
    ...requires(`isolation: all seven namespaces are new, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command = KINDS.map((kind) => `readlink /proc/self/ns/${kind}`).join("; ");
      const ids = (await box.inside("sh", "-c", command)).stdout.trim().split("\n");
      deepEqual(ids.map((id) => id.split(":")[0]), KINDS);
      for (const [index, kind] of KINDS.entries()) {
        notEqual(ids[index], Deno.readLinkSync(`/proc/self/ns/${kind}`));
      }
    },
  });

  Deno.test({
    ...requires(`isolation: descriptors 3 to 50 of the caller stay outside, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = box.command(
        "run",
        "--rm",
        "--rootfs",
        box.rootfs,
        "sh",
        "-c",
        "ls /proc/1/fd; true",
      );
      const holding = 'for i in $(seq 3 50); do eval "exec $i</etc/hostname"; done; exec "$@"';
      const ran = await box.exec(["bash", "-c", holding, "bash", ...words]);
      equal(ran.stdout, "0\n1\n2\n", ran.stderr);
    },
  });

  Deno.test({
    ...requires(`isolation: the session keyring is new, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      // A privileged container's /proc/keys is not hidden; another user than root sees there what it possesses alone.
      const flags = ["--userns=private", "--privileged", "-u", "4321"];
      const ran = await box.inside(...flags, "sh", "-c", "tr -s ' ' < /proc/keys | cut -d' ' -f6-");
      equal(ran.stdout, "0 0 keyring _ses: empty\n", ran.stderr);
    },
  });

  Deno.test({
    ...requires(`isolation: process 1 dies with its monitor, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = ["sh", "-c", "echo ready; exec sleep 100"];
      await using running = box.spawn(box.command("run", "--rm", "--rootfs", box.rootfs, ...words));
      await running.until("ready");
      // The command may speak before myctr has been told that it runs.
      await sleep(200);
      const { pid } = box.containers()[0]!;
      const monitor = Number(/^PPid:\s*(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`))![1]);
      match(readIfThere(`/proc/${monitor}/cmdline`), /^myctr: monitor/);
      Deno.kill(monitor, "SIGKILL");
      equal((await running.ended).code, 137);
      // Its new parent, the machine's first process, may take its time to collect it.
      match(readIfThere(`/proc/${pid}/stat`), /^$|\) Z /);
    },
  });

  Deno.test({
    ...requires(`isolation: no process of myctr's or Deno's file enters the container, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      let isOver = false;
      const seen = new Seen();
      const watch = async () => {
        while (!isOver) {
          seen.look(box.directory);
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      };
      const watching = watch();
      for (let turn = 0; turn < 5; turn++) equal((await box.inside("sleep", "0.02")).code, 0);
      isOver = true;
      await watching;
      deepEqual(seen.intruders, []);
      ok(seen.insideCount > 0, "the container was never seen");
    },
  });
}

Deno.test({
  ...requires("isolation: the watch over executables sees Deno in another namespace", "root", "setpriv"),
  async fn() {
    await using box = await openBox();
    const deno = [
      Deno.execPath(),
      "eval",
      "console.log('ready'); await new Promise((go) => setTimeout(go, 1e5))",
    ];
    await using intruder = box.spawn(["unshare", "--mount", "--pid", "--fork", "--kill-child", ...deno]);
    await intruder.until("ready");
    const seen = new Seen();
    seen.look(box.directory);
    ok(seen.intruders.length > 0);
  },
});

/** What of processes was seen inside other namespaces than ours. */
class Seen {
  readonly intruders: string[] = [];
  insideCount = 0;
  readonly #own = ["mnt", "pid_for_children"].map((kind) => maybeLink(`/proc/self/ns/${kind}`));

  /** Looks at all processes once; those of other containers on this machine are not ours to judge. */
  look(directory: string): void {
    for (const pid of pids()) {
      const spaces = ["mnt", "pid"].map((kind) => maybeLink(`/proc/${pid}/ns/${kind}`));
      if (spaces.includes(undefined) || spaces.every((space, index) => space === this.#own[index])) continue;
      const exe = maybeLink(`/proc/${pid}/exe`) ?? "";
      const isOurs = [exe, maybeLink(`/proc/${pid}/cwd`) ?? "", readIfThere(`/proc/${pid}/mountinfo`)]
        .some((text) => text.includes(directory));
      if (!isOurs) continue;
      if (exe.includes("busybox") || exe.startsWith("/memfd:myctr")) this.insideCount++;
      if (/deno|\/myctr( |$)/.test(exe)) this.intruders.push(`${pid} ${exe}`);
    }
  }
}
