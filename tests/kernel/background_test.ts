/** Containers in the background: run -d, create, start, what they cost, and what is left when something is killed. */

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { pids } from "./traces.ts";

const ID = /^[0-9a-f]{64}\n$/;

/** The processes that hold a file of the box's state root open: its monitors, and what has not yet ended. */
function holders(box: Box): number[] {
  return pids().filter((pid) => {
    try {
      return Array.from(Deno.readDirSync(`/proc/${pid}/fd`)).some(({ name }) =>
        Deno.readLinkSync(`/proc/${pid}/fd/${name}`).startsWith(`${box.state}/`)
      );
    } catch {
      return false;
    }
  });
}

/** Blocks until the container with that id has ended: its lock is free then. */
async function ended(box: Box, id: string): Promise<void> {
  const path = `${box.state}/containers/${id.trim()}/lock`;
  const { success } = await new Deno.Command("flock", { args: ["--shared", path, "true"] }).output();
  ok(success);
}

/** What `list -a` says of the state of each container. */
async function statuses(box: Box): Promise<string[]> {
  const { stdout } = await box.run("list", "-a");
  return Array.from(stdout.matchAll(/ (Up|Exited \(\d+\)|Created) /g), ([, status]) => status!).sort();
}

/** The bytes of a log without the heads of file and frames. */
function logged(box: Box, id: string, stream: "stdout" | "stderr"): string {
  const bytes = Deno.readFileSync(`${box.state}/containers/${id.trim()}/logs/${stream}`);
  const view = new DataView(bytes.buffer);
  let text = "";
  for (let at = 16; at < bytes.length;) {
    const length = Number(view.getBigUint64(at + 16, true));
    text += new TextDecoder().decode(bytes.subarray(at + 32, at + 32 + length));
    at += 32 + length;
  }
  return text;
}

interface Case {
  readonly name: string;
  readonly run: (box: Box) => Promise<void>;
}

const CASES: readonly Case[] = [
  {
    name: "run -d prints the id and lets its caller go; one process of at most 64 KiB stays",
    async run(box) {
      // More than a relay keeps room for.
      const script = "dd if=/dev/zero bs=64k count=4 2>/dev/null; echo done; sleep 100";
      const { stdout, code } = await box.run("run", "-d", "--rootfs", box.rootfs, "sh", "-c", script);
      equal(code, 0);
      match(stdout, ID);
      await until(() => logged(box, stdout, "stdout").length === 4 * 64 * 1024 + 5);
      const [monitor, ...more] = holders(box);
      deepEqual(more, []);
      const pss = /^Pss: +(\d+) kB$/m.exec(readIfThere(`/proc/${monitor}/smaps_rollup`))?.[1];
      ok(Number(pss) > 0 && Number(pss) <= 64, `${pss} KiB`);
      equal(Deno.readLinkSync(`/proc/${monitor}/cwd`), "/");
      equal((await box.run("rm", "-f", stdout.trim())).code, 0);
      deepEqual(holders(box), []);
    },
  },
  {
    name: "run -d of a command that is not there fails as run does, and leaves nothing",
    async run(box) {
      const { stdout, stderr, code } = await box.run("run", "-d", "--rootfs", box.rootfs, "no-such-program");
      deepEqual([stdout, code], ["", 127]);
      match(stderr, /^myctr: Cannot run "no-such-program"/);
      deepEqual(box.containers(), []);
    },
  },
  {
    name: "run -d --rm removes the container at its end, without a myctr that waits",
    async run(box) {
      const { stdout } = await box.run("run", "-d", "--rm", "--rootfs", box.rootfs, "sleep", "0.3");
      match(stdout, ID);
      await until(() => box.containers().length === 0);
    },
  },
  {
    name: "create makes, start runs, start runs again: the log goes on, the exit status is the last one's",
    async run(box) {
      const script = "echo again; echo err >&2; exit 3";
      const words = ["--name", "web", "--rootfs", `${box.rootfs}:O`, "sh", "-c", script];
      const { stdout: id } = await box.run("create", ...words);
      match(id, ID);
      deepEqual(await statuses(box), ["Created"]);
      for (let count = 1; count <= 3; count++) {
        deepEqual(await box.run("start", "web").then(({ stdout, code }) => [stdout, code]), ["web\n", 0]);
        await ended(box, id);
        deepEqual(await statuses(box), ["Exited (3)"]);
        equal(logged(box, id, "stdout"), "again\n".repeat(count));
        equal(logged(box, id, "stderr"), "err\n".repeat(count));
      }
      equal((await box.run("rm", "web")).stdout, "web\n");
    },
  },
  {
    name: "start -a shows the output and gives the exit code; what was written in the root is still there",
    async run(box) {
      const script = "cat /count 2>/dev/null; echo x >>/count; exit 4";
      await box.run("create", "--name", "web", "--rootfs", `${box.rootfs}:O`, "sh", "-c", script);
      const first = await box.run("start", "-a", "web");
      deepEqual([first.stdout, first.code], ["", 4]);
      const second = await box.run("start", "--attach", "web");
      deepEqual([second.stdout, second.code], ["x\n", 4]);
      await box.run("rm", "web");
    },
  },
  {
    name:
      "start of one that runs is no mistake, start -a of it is one; a missing one does not stop the others",
    async run(box) {
      for (const name of ["a", "b"]) {
        await box.run("create", "--name", name, "--rootfs", box.rootfs, "sleep", "100");
      }
      const some = await box.run("start", "a", "missing", "b");
      deepEqual([some.stdout, some.code], ["a\nb\n", 1]);
      match(some.stderr, /^myctr: Cannot find container "missing"/);
      deepEqual(await box.run("start", "a").then(({ stdout, code }) => [stdout, code]), ["a\n", 0]);
      const attached = await box.run("start", "-a", "a");
      match(attached.stderr, /^myctr: Cannot attach to container "a": it is running already\n/);
      equal(attached.code, 125);
      equal((await box.run("rm", "-f", "a", "b")).code, 0);
    },
  },
  {
    name: "with -d -i input stays open; without -i it is empty",
    async run(box) {
      const open = await box.run("run", "-d", "-i", "--rootfs", box.rootfs, "cat");
      const empty = await box.run("run", "-d", "--rootfs", box.rootfs, "cat");
      await ended(box, empty.stdout);
      deepEqual(await statuses(box), ["Exited (0)", "Up"]);
      await box.run("rm", "-f", open.stdout.trim(), empty.stdout.trim());
    },
  },
  {
    name: "a start that fails leaves a container as it was",
    async run(box) {
      await box.run("create", "--name", "web", "--rootfs", box.rootfs, "true");
      const failed = await box.run("start", "--fail-step", "mount /proc=EPERM", "web");
      match(failed.stderr, /^myctr: Cannot mount \/proc\n/);
      equal(failed.code, 1);
      deepEqual(await statuses(box), ["Created"]);
      equal((await box.run("start", "-a", "web")).code, 0);
      equal((await box.run("start", "--fail-step", "mount /proc=EPERM", "web")).code, 1);
      deepEqual(await statuses(box), ["Exited (0)"]);
      await box.run("rm", "web");
    },
  },
  {
    name: "a monitor that is killed takes the container with it: list says so, and start works again",
    async run(box) {
      const { stdout: id } = await box.run("run", "-d", "--rootfs", box.rootfs, "sleep", "100");
      const { pid } = box.containers()[0]!;
      for (const holder of holders(box)) Deno.kill(holder, "SIGKILL");
      await ended(box, id);
      await until(() => readIfThere(`/proc/${pid}/comm`) !== "sleep\n");
      deepEqual(await statuses(box), ["Exited (137)"]);
      equal((await box.run("start", id.trim())).code, 0);
      deepEqual(await statuses(box), ["Up"]);
      await box.run("rm", "-f", id.trim());
    },
  },
  {
    name: "a reader of the caller's output is let go at once",
    async run(box) {
      // The shell waits until nobody holds the pipe any more.
      const words = box.command("run", "-d", "--rootfs", box.rootfs, "sleep", "100");
      const shell = await box.exec(["sh", "-c", 'id=$("$@") && echo "got $id"', "sh", ...words]);
      match(shell.stdout, /^got [0-9a-f]{64}\n$/);
      await box.run("rm", "-f", shell.stdout.slice(4).trim());
    },
  },
  {
    name: "a state of another version is refused with its reason",
    async run(box) {
      const { stdout } = await box.run("create", "--name", "web", "--rootfs", box.rootfs, "true");
      const path = `${box.state}/containers/${stdout.trim()}/state.json`;
      const state = JSON.parse(readIfThere(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...state, version: 99 }));
      for (const words of [["start", "web"], ["list", "-a"]]) {
        const { stderr, code } = await box.run(...words);
        match(stderr, /^myctr: Cannot read container [0-9a-f]{12}: its state has another version\n/);
        notEqual(code, 0);
      }
      await Deno.writeTextFile(path, JSON.stringify(state));
      equal((await box.run("rm", "web")).code, 0);
    },
  },
  {
    name: "--status-file with -d is refused; create takes no option of a start",
    async run(box) {
      const detached = await box.run("run", "-d", "--status-file", "s", "--rootfs", box.rootfs, "true");
      match(detached.stderr, /^myctr: Cannot use --status-file with --detach/);
      equal(detached.code, 125);
      const created = await box.run("create", "--detach", "--rootfs", box.rootfs, "true");
      match(created.stderr, /^myctr: Cannot use option "?--detach/);
      equal(created.code, 125);
    },
  },
];

/** Looks again and again, for what no call waits for. */
async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!isSo()) {
    ok(Date.now() < end, "it does not come to that");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const { user, needs } of USERS) {
  for (const { name, run } of CASES) {
    Deno.test({
      ...requires(`background: ${name}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await run(box);
      },
    });
  }
}

Deno.test({
  ...requires(
    "background: with --pid host, what process 1 leaves running ends with it, and holds up nobody",
    "root",
    "busybox",
  ),
  async fn() {
    await using box = await openBox();
    // The sleep holds the pipes of both streams open.
    const script = "sleep 1000 & echo $!";
    const ran = await box.inside("--pid", "host", "sh", "-c", script);
    equal(ran.code, 0, ran.stderr);
    await until(() => readIfThere(`/proc/${ran.stdout.trim()}/comm`) !== "sleep\n");
  },
});
