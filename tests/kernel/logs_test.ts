/** `myctr logs`: every byte that was written, on its stream, by lines where lines are asked for, and as it comes. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";

/** Starts a container in the background and gives its name. */
async function start(box: Box, command: string, ...flags: string[]): Promise<string> {
  const words = ["--name", "web", ...flags, "--rootfs", box.rootfs, "sh", "-c", command];
  const ran = await box.run("run", "-d", ...words);
  equal(ran.code, 0, ran.stderr);
  return "web";
}

/** Runs a container to its end. */
async function finish(box: Box, command: string, ...flags: string[]): Promise<void> {
  await start(box, command, ...flags);
  equal((await box.run("wait", "web")).code, 0);
}

async function remove(box: Box): Promise<void> {
  equal((await box.run("rm", "-f", "web")).code, 0);
}

/** Writes a file of random bytes that the container sees in /data. */
async function writeRandom(box: Box, name: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  await Deno.writeFile(`${box.work}/${name}`, bytes, { mode: 0o644 });
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`logs: 3 MB of random bytes on each stream come back exactly, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const [out, err] = [await writeRandom(box, "out", 3e6), await writeRandom(box, "err", 3e6)];
      await finish(box, "cat /data/out & cat /data/err >&2; wait", "-v", `${box.work}:/data:ro`);
      for (const flags of [[], ["-f"], ["-n", "all"], ["--since", "1h"]]) {
        const ran = await box.run("logs", ...flags, "web");
        ok(isSame(ran.stdoutBytes, out), `stdout differs with ${flags}`);
        ok(isSame(ran.stderrBytes, err), `stderr differs with ${flags}`);
      }
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs: lines with -t, -n, --since and --until, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await finish(
        box,
        "echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; printf 3; sleep 0.1; echo three; printf 4",
      );
      const plain = await box.run("logs", "-n", "3", "web");
      deepEqual([plain.stdout, plain.stderr], ["3three\n4", "2\n"]);
      const none = await box.run("logs", "--tail=0", "web");
      deepEqual([none.code, none.stdout, none.stderr], [0, "", ""]);
      const timed = await box.run("logs", "-t", "web");
      const time = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z)";
      const [, first = "", third = ""] =
        new RegExp(`^${time} 1\\n${time} 3three\\n${time} 4$`).exec(timed.stdout) ??
          [];
      ok(first < third, timed.stdout);
      match(timed.stderr, new RegExp(`^${time} 2\\n$`));
      equal((await box.run("logs", "--details", "web")).stdout, " 1\n 3three\n 4");
      equal((await box.run("logs", "--since", third, "web")).stdout, "3three\n4");
      const early = await box.run("logs", "--until", first, "web");
      deepEqual([early.stdout, early.stderr], ["1\n", ""]);
      equal((await box.run("logs", "--since", "1h", "--until", "30m", "web")).stdout, "");
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs -f: shows what comes, and ends with the container, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(
        box,
        "echo one; while [ ! -e /data/go ]; do sleep 0.05; done; echo two; echo bad >&2; exit 3",
        "-v",
        `${box.work}:/data`,
      );
      await using following = box.spawn(box.command("logs", "-f", "web"));
      await following.until("one\n");
      await box.write("go", "");
      const { code, stdout, stderr } = await following.ended;
      deepEqual([code, stdout, stderr], [0, "one\ntwo\n", "bad\n"]);
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs -f: ends when the container is killed and removed, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "echo one; sleep 100");
      await using following = box.spawn(box.command("logs", "--follow", "--tail", "1", "web"));
      await following.until("one\n");
      await remove(box);
      deepEqual((await following.ended).stdout, "one\n");
    },
  });

  Deno.test({
    ...requires(`logs -f: goes on from file to file, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const wait = "while [ ! -e /data/go ]; do sleep 0.05; done";
      const command =
        `echo ready; ${wait}; i=0; while [ $i -lt 20 ]; do seq $((i*1000)) $((i*1000+999)); sleep 0.1; i=$((i+1)); done`;
      // No more than what is kept, so that a busy machine loses nothing either.
      await start(box, command, ...[
        "-v",
        `${box.work}:/data`,
        "--log-opt",
        "max-size=16k",
        "--log-opt",
        "max-file=20",
      ]);
      await using following = box.spawn(box.command("logs", "-f", "web"));
      await following.until("ready\n");
      await box.write("go", "");
      const { stdout, stderr } = await following.ended;
      equal(stderr, "");
      equal(stdout, `ready\n${Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join("")}`);
      equal((await box.run("logs", "web")).stdout, stdout);
      const files = Array.from(Deno.readDirSync(`${box.state}/containers/${box.containers()[0]!.id}/logs`));
      ok(files.length > 5, "there were no new files");
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs: a reader that goes away ends it, while nothing comes too, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await start(box, "echo one; sleep 100");
      const words = box.command("logs", "-f", "web").map((word) => `'${word}'`).join(" ");
      const ran = await box.exec(["bash", "-c", `${words} | head -1; echo \${PIPESTATUS[0]}`], {
        timeoutMs: 10_000,
      });
      deepEqual([ran.stdout, ran.stderr], ["one\n0\n", ""]);
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs: what is not there, or not kept, is an error, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await finish(box, "echo lost", "--log-driver", "none");
      const none = await box.run("logs", "web");
      deepEqual([none.code, none.stdout], [1, ""]);
      match(none.stderr, /^myctr: Cannot read the log of container "web": none is kept\n {2}hint {2}/);
      const missing = await box.run("logs", "nobody");
      deepEqual([missing.code, missing.stdout], [1, ""]);
      match(missing.stderr, /^myctr: Cannot find container "nobody"/);
      await remove(box);
    },
  });

  Deno.test({
    ...requires(`logs: a second start goes on behind the first one, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await finish(box, "echo again");
      equal((await box.run("start", "web")).code, 0);
      equal((await box.run("wait", "web")).stdout, "0\n");
      equal((await box.run("logs", "web")).stdout, "again\nagain\n");
      await remove(box);
    },
  });
}

/** The box's state root as a file system of 1 MiB; gone when disposed. */
async function makeSmall(box: Box): Promise<AsyncDisposable> {
  const mounted = await box.exec(["mount", "-t", "tmpfs", "-o", "size=1m", "small", box.state]);
  equal(mounted.code, 0, mounted.stderr);
  return { [Symbol.asyncDispose]: async () => void await box.exec(["umount", box.state]) };
}

Deno.test({
  ...requires("logs: on a full disk the container goes on, and what is missing is told", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await using _small = await makeSmall(box);
    const step = (name: string) => `echo ${name}; while [ ! -e /data/${name} ]; do sleep 0.05; done`;
    const fill = "dd if=/dev/zero bs=1k count=100 2>/dev/null | tr '\\000' x";
    await start(
      box,
      `${step("one")}; ${fill}; touch /data/filled; ${step("two")}; echo end`,
      "-v",
      `${box.work}:/data`,
    );
    await using following = box.spawn(box.command("logs", "-f", "web"));
    await following.until("one\n");
    await box.exec(["sh", "-c", `cat /dev/zero >${box.state}/ballast`]);
    await box.write("one", "");
    while (!await Deno.stat(`${box.work}/filled`).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Deno.remove(`${box.state}/ballast`);
    await box.write("two", "");
    const { stdout, stderr } = await following.ended;
    const kept = /^one\n(x*)(?:two\n)?end\n$/.exec(stdout)?.[1]?.length ?? -1;
    const lost = [...stderr.matchAll(/^myctr: note: (\d+) bytes of stdout could not be kept here$/gm)];
    const missing = lost.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    const said = stdout.includes("two\n") ? 0 : "two\n".length;
    equal(kept + missing, 100 * 1024 + said, `${stdout.length} ${stderr}`);
    ok(missing > 0);
    const later = await box.run("logs", "web");
    deepEqual([later.stdout, later.stderr], [stdout, stderr]);
    await remove(box);
  },
});
