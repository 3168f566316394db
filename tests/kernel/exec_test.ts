/** `myctr exec`: what the new process is given, what it is kept from, and what is refused. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { startIn } from "./exec_harness.ts";

interface Row {
  readonly what: string;
  /** Of the container. */
  readonly run?: readonly string[];
  /** Of exec. */
  readonly exec?: readonly string[];
  readonly command: string;
  readonly stdout: string;
  readonly code?: number;
  readonly rootOnly?: true;
}

const DIFFERING = "for n in user mnt pid net ipc uts cgroup; do " +
  '[ "$(readlink /proc/self/ns/$n)" = "$(readlink /proc/1/ns/$n)" ] || echo $n; done';
const CAPS = "grep Cap /proc/self/status | cut -f2 | xargs";

/** In one container without flags. */
const ROWS: readonly Row[] = [
  { what: "all seven namespaces are those of process 1", command: DIFFERING, stdout: "" },
  {
    what: "its ids are mapped as those of process 1",
    command: "cmp /proc/1/uid_map /proc/self/uid_map; cmp /proc/1/gid_map /proc/self/gid_map; id -u",
    stdout: "0\n",
  },
  { what: "its cgroup is that of process 1", command: "cmp /proc/1/cgroup /proc/self/cgroup", stdout: "" },
  {
    what: "root has the capabilities of the container",
    command: CAPS,
    stdout: "0000000000000000 00000000800405fb 00000000800405fb 00000000800405fb 0000000000000000\n",
  },
  {
    what: "another user has none",
    exec: ["-u", "app"],
    command: CAPS,
    stdout: "0000000000000000 0000000000000000 0000000000000000 00000000800405fb 0000000000000000\n",
  },
  {
    what: "system calls are filtered, privileges may grow",
    command: "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status | cut -f2 | xargs; cd /tmp; " +
      "unshare -U true 2>/dev/null || echo refused",
    stdout: "0 2\nrefused\n",
  },
  { what: "there are three descriptors", command: "ls /proc/$$/fd; true", stdout: "0\n1\n2\n" },
  { what: "its input is empty", command: "cat; readlink /proc/self/fd/0", stdout: "/dev/null\n" },
  {
    what: "it leads a session, and its parent is not seen",
    command: '[ "$(cut -d" " -f6 /proc/$$/stat)" = $$ ] && cut -d" " -f4 /proc/$$/stat',
    stdout: "0\n",
  },
  { what: "the mask of new files is 022", command: "umask", stdout: "0022\n" },
  { what: "open files are limited to 1024", command: "ulimit -Sn", stdout: "1024\n" },
  {
    what: "no signal is blocked or ignored",
    command: "grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2 | xargs",
    stdout: "0000000000000000 0000000000000000\n",
  },
  {
    what: "its environment is the container's, with HOME",
    command: "env | grep -vE '^(SHLVL|PWD)' | sed 's/^HOSTNAME=............$/HOSTNAME/' | sort",
    stdout: "HOME=/root\nHOSTNAME\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
  },
  { what: "its exit code is that of exec", command: "exit 42", stdout: "", code: 42 },
  { what: "a signal that ends it is 128 and more", command: "kill -SEGV $$", stdout: "", code: 139 },
  {
    what: "a user by name has its groups and home",
    exec: ["-u", "app"],
    command: "id; echo $HOME; pwd",
    stdout: "uid=1000(app) gid=1000(app) groups=1000(app),2000(extra)\n/home/app\n/\n",
  },
  {
    what: "a user and a group by number",
    exec: ["--user", "7:8"],
    command: "id -u; id -g; id -G; echo $HOME",
    stdout: "7\n8\n8\n/\n",
  },
  { what: "-w sets the directory", exec: ["-w", "/home/app"], command: "pwd", stdout: "/home/app\n" },
  {
    what: "-e sets, copies and removes",
    exec: ["-e", "A=1", "-e", "NOT_THERE", "-eB=a b"],
    command: 'echo "$A,$B,${NOT_THERE-none}"',
    stdout: "1,a b,none\n",
  },
  {
    what: "--privileged gives all capabilities and filters nothing",
    exec: ["--privileged"],
    command:
      "grep -E '^(CapEff|Seccomp):' /proc/self/status | cut -f2 | xargs; mount -t tmpfs x /tmp && echo yes; umount /tmp",
    stdout: "000001ffffffffff 0\nyes\n",
  },
  { what: "what it leaves running does not hold it up", command: "sleep 1000 & echo done", stdout: "done\n" },
  {
    what: "all that it wrote arrives, though its output stays open",
    command: "sleep 1000 & head -c 300000 /dev/zero | tr '\\0' x; echo; exit 3",
    stdout: `${"x".repeat(300_000)}\n`,
    code: 3,
  },
];

/** In containers of their own. */
const SETTING_ROWS: readonly Row[] = [
  {
    what: "a variable, but for one that -e names and the caller has not",
    run: ["-e", "A=1", "-e", "B=2"],
    exec: ["-e", "A"],
    command: "echo ${A-none} ${B-none}",
    stdout: "none 2\n",
  },
  {
    what: "the user of the container, its directory and environment",
    run: ["-u", "app", "-w", "/home", "-e", "A=1"],
    command: "id -un; pwd; echo $A; echo $HOME",
    stdout: "app\n/home\n1\n/home/app\n",
  },
  {
    what: "a HOME that was set",
    run: ["-e", "HOME=/srv"],
    exec: ["-u", "app"],
    command: "echo $HOME",
    stdout: "/srv\n",
  },
  { what: "added groups", run: ["--group-add", "2000"], command: "id -G", stdout: "0 2000\n" },
  {
    what: "limits, mask and badness",
    run: ["--ulimit", "nofile=100:200", "--umask", "077", "--oom-score-adj", "500"],
    command: "ulimit -Sn; ulimit -Hn; umask; cat /proc/self/oom_score_adj",
    stdout: "100\n200\n0077\n500\n",
  },
  {
    what: "no new privileges",
    run: ["--security-opt", "no-new-privileges"],
    command: "grep NoNewPrivs /proc/self/status | cut -f2",
    stdout: "1\n",
  },
  {
    what: "dropped and added capabilities",
    run: ["--cap-drop", "ALL", "--cap-add", "NET_RAW"],
    exec: ["-u", "app"],
    command: CAPS,
    stdout: "0000000000002000 0000000000002000 0000000000002000 0000000000002000 0000000000002000\n",
  },
  {
    what: "no filter of system calls",
    run: ["--security-opt", "seccomp=unconfined"],
    command: "grep ^Seccomp: /proc/self/status | cut -f2",
    stdout: "0\n",
  },
  {
    what: "an init, of which it is no child",
    run: ["--init"],
    command: `${DIFFERING}; cut -d" " -f4 /proc/$$/stat`,
    stdout: "0\n",
  },
  { what: "the machine's network", run: ["--network=host"], command: DIFFERING, stdout: "" },
  {
    what: "the machine's processes",
    run: ["--pid=host"],
    exec: ["--privileged"],
    command: "grep -c . /proc/1/comm; readlink /proc/self/ns/uts | grep -c uts",
    stdout: "1\n1\n",
  },
  { what: "the machine's ipc and name", run: ["--ipc=host", "--uts=host"], command: DIFFERING, stdout: "" },
  {
    what: "the machine's users",
    run: ["--userns=host"],
    command: `${DIFFERING}; ${CAPS}`,
    stdout: "0000000000000000 00000000800405fb 00000000800405fb 00000000800405fb 0000000000000000\n",
    rootOnly: true,
  },
];

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`exec: the new process, as ${user}`, ...needs),
    async fn(test) {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      for (const row of ROWS) await test.step(row.what, () => check(box, row));
    },
  });

  for (const row of SETTING_ROWS.filter(({ rootOnly }) => !rootOnly || user === "root")) {
    Deno.test({
      ...requires(`exec: it has what the container has: ${row.what}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await using _container = await startIn(box, ...row.run ?? []);
        await check(box, row);
      },
    });
  }

  Deno.test({
    ...requires(`exec: streams, env files and the network of another container, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const file = await box.write("env", "A=file\nB=file\n");
      const command = ["c", "sh", "-c", "cat; echo $A $B >&2"];
      const words = box.command("exec", "-i", "--env-file", file, "-e", "A=word", ...command);
      const { stdout, stderr } = await box.exec(words, { stdin: "in\n" });
      deepEqual([stdout, stderr], ["in\n", "word file\n"]);
      await box.run(
        "run",
        "-d",
        "--name",
        "d",
        "--network=container:c",
        "--rootfs",
        box.rootfs,
        "sleep",
        "1000",
      );
      const joined = await box.run("exec", "d", "sh", "-c", DIFFERING);
      deepEqual([joined.code, joined.stdout], [0, ""], joined.stderr);
      const links = await Promise.all(
        ["c", "d"].map(async (name) => (await box.run("exec", name, "readlink", "/proc/self/ns/net")).stdout),
      );
      equal(links[0], links[1]);
      await box.run("rm", "-f", "d");
    },
  });

  Deno.test({
    ...requires(`exec: what can not be is refused, with its exit code, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await box.run("create", "--name", "made", "--rootfs", box.rootfs, "true");
      await using _container = await startIn(box);
      const rows: readonly (readonly [words: readonly string[], code: number, stderr: RegExp])[] = [
        [["nosuch", "true"], 125, /^myctr: Cannot find container "nosuch"/],
        [["made", "true"], 125, /^myctr: Cannot run a command in "made": it is not running\n {2}hint/],
        [["c", "nosuch"], 127, /^myctr: Cannot run "nosuch": it is not in PATH/],
        [["c", "/nosuch"], 127, /^myctr: Cannot run "\/nosuch": there is no such file/],
        [["c", "/etc/passwd"], 126, /^myctr: Cannot run "\/etc\/passwd": permission denied/],
        [["c", "/tmp"], 126, /permission denied/],
        [["-u", "nobody9", "c", "true"], 125, /^myctr: Cannot find user "nobody9"/],
        [["-u", "99999999", "c", "true"], 125, /^myctr: Cannot become user 99999999/],
        [["-u", "a b", "c", "true"], 125, /^myctr: Cannot run as user "a b"/],
        [["-w", "/nosuch", "c", "true"], 125, /^myctr: Cannot change to the working directory \/nosuch/],
        [["-w", "tmp", "c", "true"], 125, /the path is not absolute/],
        [["-e", "=x", "c", "true"], 125, /the name is empty/],
        [["--env-file", "/nosuch", "c", "true"], 125, /^myctr: Cannot read the environment file/],
        [["-it", "c", "sh"], 125, /^myctr: Cannot read keys for the terminal: standard input is no terminal/],
        [["--nosuch", "c", "sh"], 125, /nosuch/],
        [["c"], 125, /^myctr: Cannot run "myctr exec": an argument is missing/],
        [[], 125, /an argument is missing/],
      ];
      for (const [words, code, stderr] of rows) {
        const ran = await box.run("exec", ...words);
        match(ran.stderr, stderr);
        deepEqual([ran.code, ran.stdout], [code, ""], words.join(" "));
      }
      await box.run("rm", "made");
    },
  });

  Deno.test({
    ...requires(`exec: --dry-run does nothing, and --explain says what is done, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const dry = await box.run("exec", "--dry-run", "c", "touch", "/tmp/made");
      match(dry.stdout, /^The monitor: [\s\S]*\n +setns\(5, [\s\S]*\nThe command's own process, born in/);
      const told = await box.run("exec", "--explain", "c", "ls", "/tmp");
      deepEqual([told.code, told.stdout], [0, ""]);
      match(told.stderr, /^joiner: join the container\n[\s\S]*\n +setns\(5, .*\) = 0$/m);
    },
  });

  Deno.test({
    ...requires(`exec: 50 at once, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const numbers = Array.from({ length: 50 }, (_, number) => number);
      const ran = await Promise.all(
        numbers.map((number) => box.run("exec", "c", "sh", "-c", `echo ${number}; exit ${number}`)),
      );
      deepEqual(
        ran.map(({ code, stdout }) => [code, stdout]),
        numbers.map((number) => [number, `${number}\n`]),
      );
      equal((await box.run("exec", "c", "sh", "-c", "set -- /proc/[0-9]*; echo $#")).stdout, "2\n");
    },
  });

  Deno.test({
    ...requires(`exec: events tell of it, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      await box.run("exec", "c", "sh", "-c", "exit 5");
      const events = [
        ...readIfThere(`${box.state}/events`).matchAll(/"action":"(exec_\w+)".*?"execID":"(\w+)"/g),
      ];
      deepEqual(events.map(([, action]) => action), ["exec_create", "exec_start", "exec_die"]);
      equal(new Set(events.map(([, , id]) => id)).size, 1);
      const told = await box.run("events", "--since", "1m", "--until", "0s", "--filter", "event=exec_die");
      match(told.stdout, /^\S+ container exec_die [0-9a-f]{64} \(execID=[0-9a-f]{64}, exitCode=5, /);
    },
  });
}

Deno.test({
  ...requires("exec: a container that is paused is refused", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await using _container = await startIn(box);
    const [state] = box.containers() as unknown as readonly { readonly cgroup?: string }[];
    if (state?.cgroup === undefined) return;
    const freeze = `${state.cgroup}/cgroup.freeze`;
    Deno.writeTextFileSync(freeze, "1");
    const ran = await box.run("exec", "c", "true");
    Deno.writeTextFileSync(freeze, "0");
    match(ran.stderr, /^myctr: Cannot run a command in "c": it is paused\n {2}hint/);
    equal(ran.code, 125);
    equal((await box.run("exec", "c", "true")).code, 0);
  },
});

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`exec: nobody inside gets hold of what the newcomer has open, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      for (let fd = 0; fd < 20; fd++) {
        const ran = await box.run("exec", "-w", `/proc/self/fd/${fd}`, "c", "pwd");
        ok(ran.code === 125 && ran.stderr.includes("Cannot change to the working directory"), ran.stderr);
      }
    },
  });
}

Deno.test({
  ...requires("exec: a link at /dev/null leads nowhere", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await using _container = await startIn(box, "--cap-add=SYS_ADMIN");
    const bent = await box.run(
      "exec",
      "c",
      "sh",
      "-c",
      "umount -l /dev/null && ln -sf /proc/self/fd/3 /dev/null",
    );
    equal(bent.code, 0, bent.stderr);
    const ran = await box.run("exec", "c", "true");
    match(ran.stderr, /^myctr: Cannot open \/dev\/null\n.*\n.*= ELOOP\n/);
    equal(ran.code, 125);
  },
});

async function check(box: Box, { exec = [], command, stdout, code = 0 }: Row): Promise<void> {
  const ran = await box.run("exec", ...exec, "c", "sh", "-c", command);
  equal(ran.stdout, stdout, `${ran.stdout.slice(0, 500)}; ${ran.stderr}`);
  equal(ran.code, code, ran.stderr);
}
