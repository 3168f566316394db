/** Standard input, output and errors of `myctr run`: every byte, in order, to the end, and no more than is read. */

import { deepEqual, equal, match } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";

const MIB = 1024 * 1024;

function allBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: 256 * 3 },
    (_, index) => index < 512 ? index & 0xff : 255 - (index & 0xff),
  );
}

/** The words that run a shell command in the box's root. */
function inside(box: Box, command: string, ...flags: string[]): string[] {
  return box.command("run", "--rm", ...flags, "--rootfs", box.rootfs, "sh", "-c", command);
}

/** One word of a shell: these paths have no quotes. */
function shell(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(" ");
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`streams: with -i all 256 byte values pass in and out, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ran = await box.exec(inside(box, "cat", "-i"), { stdin: allBytes() });
      deepEqual(ran.stdoutBytes, allBytes());
      equal(ran.stderr, "");
    },
  });

  Deno.test({
    ...requires(`streams: without -i standard input is empty, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ran = await box.exec(inside(box, "cat; readlink /proc/self/fd/0"), { stdin: "open" });
      equal(ran.stdout, "/dev/null\n");
    },
  });

  Deno.test({
    ...requires(`streams: output and errors are separate and exact, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ran = await box.exec(inside(box, "cat; printf '\\377\\0' >&2", "-i"), { stdin: allBytes() });
      deepEqual(ran.stdoutBytes, allBytes());
      deepEqual(ran.stderrBytes, Uint8Array.of(255, 0));
    },
  });

  Deno.test({
    ...requires(`streams: a line typed is read before the end of input, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command = "read a; echo got $a; read b; echo got $b";
      await using running = box.spawn(inside(box, command, "-i"), { stdin: "open" });
      await running.stdin.write(new TextEncoder().encode("one\n"));
      await running.until("got one\n");
      await running.stdin.write(new TextEncoder().encode("two\n"));
      equal((await running.ended).stdout, "got one\ngot two\n");
    },
  });

  Deno.test({
    ...requires(`streams: a container that ends does not wait for its input, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const ran = await box.exec(inside(box, "exit 3", "-i"), { stdin: "open", timeoutMs: 5000 });
      equal(ran.code, 3);
    },
  });

  Deno.test({
    ...requires(`streams: nothing is lost of a burst before the end, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command =
        "dd if=/dev/zero bs=1M count=4 2>/dev/null; dd if=/dev/zero bs=1M count=2 >&2 2>/dev/null; exit 9";
      const ran = await box.exec(inside(box, command));
      deepEqual([ran.code, ran.stdoutBytes.length, ran.stderrBytes.length], [9, 4 * MIB, 2 * MIB]);
    },
  });

  Deno.test({
    ...requires(`streams: a writer waits for a reader that sleeps, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const writer = "dd if=/dev/zero bs=64k count=64 2>/dev/null; echo done > /tmp/done";
      const reader = `{ sleep 1; ls ${box.rootfs}/tmp >&2; cat; } | wc -c`;
      const ran = await box.exec(["bash", "-c", `${shell(inside(box, writer))} | ${reader}`]);
      equal(ran.stderr, "", "the writer was done before the reader began: something took in 4 MiB");
      equal(ran.stdout.trim(), String(4 * MIB));
    },
  });

  Deno.test({
    ...requires(`streams: a reader that goes away ends the writer by SIGPIPE, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const command = `${shell(inside(box, "yes; echo $? >&2"))} | head -1`;
      const ran = await box.exec(["bash", "-c", command], { timeoutMs: 10_000 });
      equal(ran.stdout, "y\n");
      equal(ran.stderr, "141\n");
    },
  });

  for (const [who, flags] of [["root", []], ["another user", ["-u", "app"]]] as const) {
    const command = "echo out > /dev/stdout; echo err > /dev/stderr; cat /dev/stdin";
    Deno.test({
      ...requires(`streams: ${who} in the container opens /dev/std*: pipes outside, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.exec(inside(box, command, "-i", ...flags), { stdin: "in\n" });
        equal(ran.stderr, "err\n");
        equal(ran.stdout, "out\nin\n");
      },
    });

    Deno.test({
      ...requires(
        `streams: ${who} in the container opens /dev/std*: closed files outside, as ${user}`,
        ...needs,
      ),
      async fn() {
        await using box = await openBox({ user });
        const files = ["in", "out", "err"].map((name) => `${box.work}/${name}`);
        const [input, output, errors] = files;
        for (const path of files) {
          await Deno.writeTextFile(path, path === input ? "in\n" : "", { mode: 0o600 });
        }
        // Root opens them, whoever runs myctr: it could not open them anew.
        const run = `exec ${shell(inside(box, command, "-i", ...flags))} < ${input} > ${output} 2> ${errors}`;
        const ran = await box.exec(["bash", "-c", run]);
        equal(await Deno.readTextFile(errors!), "err\n", ran.stderr);
        equal(await Deno.readTextFile(output!), "out\nin\n");
      },
    });

    Deno.test({
      ...requires(
        `streams: ${who} in the container opens /dev/std*: a terminal outside, as ${user}`,
        ...needs,
      ),
      async fn() {
        await using box = await openBox({ user });
        const run = shell(inside(box, "echo out > /dev/stdout; echo err > /dev/stderr", ...flags));
        const ran = await box.exec(["script", "-qec", run, "/dev/null"], { stdin: "" });
        match(ran.stdout, /^out\r$/m);
        match(ran.stdout, /^err\r$/m);
      },
    });
  }
}

Deno.test({
  ...requires("streams: 64 MiB through input and output are the same", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const data = new Uint8Array(64 * MIB);
    for (let at = 0; at < data.length; at += 65_536) crypto.getRandomValues(data.subarray(at, at + 65_536));
    const ran = await box.exec(inside(box, "cat", "-i"), { stdin: data });
    equal(await sha256(ran.stdoutBytes), await sha256(data));
  },
});

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))).toHex();
}
