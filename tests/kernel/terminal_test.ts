/** Terminals: -t of run, start and exec, at a real terminal; what is typed, seen, resized, left and killed. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { SIG } from "../../ffi/constants/process.ts";
import { kill } from "../../ffi/process.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { Terminal, type TerminalOptions } from "./terminal.ts";

const LEAVE = "\x10\x11";
/** What ash of busybox prints when it waits for a line; its first one has a request for the cursor before it. */
const PROMPT = /[#$] /;

/** Runs `myctr run -it`, with the box's root, at a terminal. */
function runAt(box: Box, words: readonly string[], options: TerminalOptions = {}): Terminal {
  return new Terminal(box, box.command("run", "-it", "--rootfs", box.rootfs, ...words), options);
}

for (const { user, needs } of USERS) {
  const test = (name: string, fn: (box: Box) => Promise<void>) =>
    Deno.test({
      ...requires(`terminal: ${name}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await fn(box);
      },
    });

  test("it is the container's own, has a size from the first byte on, and TERM", async (box) => {
    const script = "stty size; tty; tty <&1; tty <&2; echo $TERM; ls -1 /dev/pts; ls -l /dev/console; exit 7";
    await using at = runAt(box, ["--rm", "sh", "-c", script], { size: { rows: 33, columns: 101 } });
    await at.endsWith(7);
    const lines = at.seen.split("\r\n");
    deepEqual(lines.slice(0, 7), [
      "33 101",
      "/dev/pts/0",
      "/dev/pts/0",
      "/dev/pts/0",
      "xterm",
      "0",
      "ptmx",
    ]);
    match(lines[7]!, /^crw--w---- +1 root +(root|5|tty) +136, +0 /);
  });

  test("it is the user's, who can open it by name", async (box) => {
    const script = "stat -c '%u %a' /dev/pts/0; echo by name >/dev/tty; echo here >/dev/console; id -u";
    await using at = runAt(box, ["--rm", "-u", "5:5", "sh", "-c", script]);
    await at.endsWith(0);
    equal(at.seen, "5 620\r\nby name\r\nhere\r\n5\r\n");
  });

  test("a new size is told", async (box) => {
    const script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done";
    await using at = runAt(box, ["--rm", "sh", "-c", script]);
    await at.until("ready");
    at.resize({ rows: 50, columns: 132 });
    await at.until("50 132\r\n");
    await at.endsWith(0);
  });

  test("ctrl-c ends a pipeline, ctrl-z stops a job, ctrl-s holds, ctrl-d ends the shell", async (box) => {
    await using at = runAt(box, ["--rm", "sh"]);
    await at.until(PROMPT);
    await at.line("(echo go; sleep 100) | cat", "\ngo");
    await at.type("\x03");
    await at.until(PROMPT);
    await at.line("echo code $?", "code 130");
    await at.line("sh -c 'echo on; sleep 100'", "\non");
    await at.type("\x1a");
    await at.until("Stopped");
    await at.line("jobs", /Stopped +sh -c/);
    await at.line("kill -9 %1; wait; echo gone", "\ngone");
    await at.type("\x13echo held\r");
    await new Promise((resolve) => setTimeout(resolve, 300));
    ok(!at.seen.includes("\r\nheld"), at.seen);
    await at.type("\x11");
    await at.until("\r\nheld");
    await at.until(PROMPT);
    await at.type("(exit 9)\r");
    await at.until(PROMPT);
    await at.type("\x04");
    await at.endsWith(9);
  });

  test("with --init a key's signal comes once", async (box) => {
    const script = "trap 'echo caught' INT; echo ready; read line; read line; echo $line";
    await using at = runAt(box, ["--rm", "--init", "sh", "-c", script]);
    await at.until("ready");
    await at.type("\x03");
    await at.until("caught");
    await at.type("one\rtwo\r");
    await at.endsWith(0);
    equal(at.seen.split("caught").length, 2, at.seen);
  });

  test("vi writes a file, less shows it, and both leave the screen as it was", async (box) => {
    await using at = runAt(box, ["--rm", "sh"]);
    await at.until(PROMPT);
    await at.type("vi /tmp/poem\r");
    await at.until("~");
    await at.type("iroses\rare red\x1b");
    // It waits a little for what else a key may have sent.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await at.type(":wq\r");
    await at.until(PROMPT);
    await at.line("cat /tmp/poem", "roses\r\nare red\r\n");
    await at.type("less /tmp/poem\r");
    await at.until("are red");
    await at.type("q");
    await at.until(PROMPT);
    await at.type("exit\r");
    await at.endsWith(0);
  });

  test("what is left by its keys runs on; attach comes back, and ends as it does", async (box) => {
    await using first = runAt(box, ["--name", "c", "sh"]);
    const before = first.settings;
    await first.until(PROMPT);
    await first.line("echo one", "one\r\n");
    await first.type(LEAVE);
    await first.endsWith(0);
    equal(first.settings, before);
    const listed = await box.run("list", "--format", "{{.Names}} {{.State}}");
    equal(listed.stdout, "c running\n");
    await using second = new Terminal(box, box.command("attach", "c"), { size: { rows: 40, columns: 120 } });
    await second.line("echo two; stty size", "two\r\n40 120\r\n");
    await second.type("exit 6\r");
    await second.endsWith(6);
    const log = await box.run("logs", "c");
    match(log.stdout, /echo one\r\none\r\n[^]*two\r\n40 120\r\n/);
    ok(!first.seen.includes("two"), first.seen);
    await box.run("rm", "c");
  });

  test("with --rm, what was left is removed at its end", async (box) => {
    await using at = runAt(box, ["--rm", "--name", "c", "sh"]);
    await at.until(PROMPT);
    await at.type(LEAVE);
    await at.endsWith(0);
    await using second = new Terminal(box, box.command("attach", "c"));
    await second.line("exit 3", "exit 3");
    await second.endsWith(3);
    deepEqual(await box.settle(), []);
  });

  test("a lone ctrl-p comes through; other keys can leave, or none", async (box) => {
    const read =
      "stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null | od -An -tx1; stty sane; sleep 0.2";
    await using lone = runAt(box, ["--rm", "sh", "-c", read]);
    await lone.until("ready");
    await lone.type("\x10");
    await lone.until("10");
    await lone.endsWith(0);
    await using none = runAt(box, ["--detach-keys", "", "--rm", "sh"]);
    await none.until(PROMPT);
    await none.type(`${LEAVE}exit 2\r`);
    await none.endsWith(2);
    await using other = runAt(box, ["--detach-keys", "ctrl-],x", "--name", "c", "sh"]);
    await other.until(PROMPT);
    await other.type(`\x1dx`);
    await other.endsWith(0);
    equal((await box.run("rm", "-f", "c")).code, 0);
  });

  test("who is killed leaves the terminal in order, and the container running: run and attach", async (box) => {
    await using first = runAt(box, ["--name", "c", "sh"]);
    const before = first.settings;
    await first.until(PROMPT);
    ok(first.settings !== before);
    for (const how of ["run", "attach"]) {
      await using at = how === "run" ? first : new Terminal(box, box.command("attach", "c"));
      await at.line(`echo by ${how}`, `\nby ${how}`);
      kill(at.pid, SIG.SIGKILL);
      equal(await at.end(), 137);
      await eventually(() => at.settings === before);
    }
    equal((await box.run("exec", "c", "echo", "there")).stdout, "there\n");
    await box.run("rm", "-f", "c");
  });

  test("who stops myctr and lets it go on finds its terminal raw again; signals to it are passed on", async (box) => {
    const script =
      "trap 'echo asked; exit 3' TERM; trap 'echo sized' WINCH; echo ready; while :; do sleep 0.1; done";
    await using at = runAt(box, ["--rm", "sh", "-c", script]);
    const before = at.settings;
    await at.until("ready");
    // Who passes sizes on hears other signals too.
    at.resize({ rows: 40, columns: 90 });
    await at.until("sized");
    const during = at.settings;
    ok(during !== before);
    kill(at.pid, SIG.SIGSTOP);
    at.settings = before;
    kill(at.pid, SIG.SIGCONT);
    await eventually(() => at.settings === during);
    kill(at.pid, SIG.SIGTERM);
    await at.until("asked");
    await at.endsWith(3);
    equal(at.settings, before);
  });

  test("a window that is closed ends what run started in it, and not what attach came to", async (box) => {
    await using first = runAt(box, ["--name", "c", "sh"]);
    await first.until(PROMPT);
    await first.type(LEAVE);
    await first.endsWith(0);
    await using second = new Terminal(box, box.command("attach", "c"));
    await second.line("echo here", "\nhere");
    await second.close();
    await second.end();
    equal((await box.run("exec", "c", "echo", "there")).stdout, "there\n");
    await box.run("rm", "-f", "c");
    await using third = runAt(box, ["--rm", "sh"]);
    await third.until(PROMPT);
    await third.close();
    await third.end();
    deepEqual(await box.settle(), []);
  });

  test("--status-file tells of who has left", async (box) => {
    await using at = runAt(box, ["--status-file", "status", "--name", "c", "sh"]);
    await at.until(PROMPT);
    await at.type(LEAVE);
    await at.endsWith(0);
    const status = JSON.parse(await Deno.readTextFile(`${box.work}/status`));
    deepEqual(status, { engine: "left", exitCode: 0, signal: null, timedOut: false, error: null });
    await box.run("rm", "-f", "c");
  });

  test("exec -it: a shell beside the command, which ends with who started it", async (box) => {
    await box.run("run", "-d", "--name", "c", "--rootfs", box.rootfs, "sleep", "1000");
    await using at = new Terminal(box, box.command("exec", "-it", "c", "sh"));
    const before = at.settings;
    await at.until(PROMPT);
    await at.line("tty; stty size; echo $TERM", "/dev/pts/0\r\n24 80\r\nxterm\r\n");
    at.resize({ rows: 30, columns: 90 });
    // The size and the keys go different ways.
    await at.line("until stty size | grep -q '30 90'; do sleep 0.1; done; echo resized", "\nresized");
    await at.line("sh -c 'echo on; sleep 100'", "\non");
    await at.type("\x03");
    await at.until(PROMPT);
    await at.type("exit 4\r");
    await at.endsWith(4);
    await using killed = new Terminal(box, box.command("exec", "-it", "c", "sh"));
    await killed.until(PROMPT);
    kill(killed.pid, SIG.SIGKILL);
    await killed.end();
    await eventually(() => killed.settings === before);
    await using third = new Terminal(box, box.command("exec", "-it", "c", "sh"));
    await third.until(PROMPT);
    await box.run("rm", "-f", "c");
    await third.endsWith(137);
    equal(third.settings, before);
  });

  test("-t without -i: output alone, both streams, also into a pipe", async (box) => {
    const ran = await box.run(
      ...["run", "--rm", "-t", "--rootfs", box.rootfs, "sh", "-c", "tty; echo error >&2; exit 3"],
    );
    deepEqual([ran.code, ran.stdout, ran.stderr], [3, "/dev/pts/0\r\nerror\r\n", ""]);
  });

  test("a reader that goes away hangs the terminal up, of run and of exec", async (box) => {
    const pipe = (words: readonly string[]) =>
      box.exec(["sh", "-c", `"$@" | head -1`, "sh", ...box.command(...words)]);
    const first = await pipe(["run", "--rm", "-t", "--rootfs", box.rootfs, "yes"]);
    deepEqual([first.stdout, first.stderr], ["y\r\n", ""]);
    const handler = "trap 'echo bye; exit' HUP; while echo y; do sleep 0.01; done";
    const second = await pipe(["run", "--name", "c", "-t", "--rootfs", box.rootfs, "sh", "-c", handler]);
    deepEqual([second.stdout, second.stderr], ["y\r\n", ""]);
    match((await box.run("logs", "c")).stdout, /^(y\r\n)+bye\r\n$/);
    await box.run("rm", "c");
    await box.run("run", "-d", "--name", "c", "--rootfs", box.rootfs, "sleep", "1000");
    const third = await pipe(["exec", "-t", "c", "yes"]);
    deepEqual([third.stdout, third.stderr], ["y\r\n", ""]);
    await box.run("rm", "-f", "c");
  });

  test("in the background: the log has what it writes; a second start, with -ai, has the same terminal", async (box) => {
    const made = await box.run("create", "-it", "--name", "c", "--rootfs", box.rootfs, "sh");
    equal(made.code, 0, made.stderr);
    await using at = new Terminal(box, box.command("start", "-ai", "c"));
    await at.until(PROMPT);
    await at.line("tty; exit 5", "/dev/pts/0\r\n");
    await at.endsWith(5);
    equal((await box.run("start", "c")).code, 0);
    await using second = new Terminal(box, box.command("attach", "c"));
    await second.line("stty size; exit 8", "24 80\r\n");
    await second.endsWith(8);
    match((await box.run("logs", "c")).stdout, /\/dev\/pts\/0\r\n[^]*24 80\r\n/);
    await box.run("rm", "c");
  });

  test("several at once see the same, and type to the same", async (box) => {
    await box.run("run", "-dit", "--name", "c", "--rootfs", box.rootfs, "sh");
    await using one = new Terminal(box, box.command("attach", "c"));
    await using two = new Terminal(box, box.command("attach", "c"));
    // Both are there when both have seen an answer.
    await one.line("echo by one", "\r\nby one");
    await two.line("echo by two", "\r\nby two");
    await one.until("\r\nby two");
    await two.type("exit 1\r");
    await Promise.all([one.endsWith(1), two.endsWith(1)]);
    await box.run("rm", "c");
  });

  test("a slow reader holds the container up, and misses nothing", async (box) => {
    await using at = runAt(box, ["--rm", "sh", "-c", "seq 200000; echo end of all"], { isSlow: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    at.resume();
    await at.until("end of all\r\n");
    await at.endsWith(0);
    const expected = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\r\n`).join("");
    ok(at.seen === `${expected}end of all\r\n`, "something is missing or changed");
  });

  test("much that is typed at once arrives whole", async (box) => {
    const count = 300_000;
    const script = `stty raw -echo; echo ready; head -c ${count} | md5sum; stty sane; sleep 0.2`;
    await using at = runAt(box, ["--rm", "sh", "-c", script]);
    await at.until("ready");
    const text = Array.from({ length: count }, (_, index) => String.fromCharCode(33 + index % 90)).join("");
    await at.type(text);
    const sum = new Uint8Array(await md5(text)).toHex();
    await at.until(sum);
    await at.endsWith(0);
  });

  test("start -a shows what is written to a terminal, and needs none here: so a unit of systemd starts it", async (box) => {
    await box.run("create", "-it", "--name", "c", "--rootfs", box.rootfs, "sh", "-c", "tty; exit 4");
    const ran = await box.run("start", "-a", "c");
    deepEqual([ran.code, ran.stdout, ran.stderr], [4, "/dev/pts/0\r\n", ""]);
    await box.run("rm", "c");
  });

  test("keys need a terminal: run, start, exec and attach say so", async (box) => {
    const refused = /^myctr: Cannot read keys for the terminal: standard input is no terminal\n {2}hint /;
    const ran = await box.run("run", "-it", "--rootfs", box.rootfs, "true");
    deepEqual([ran.code, ran.stdout], [125, ""]);
    match(ran.stderr, refused);
    await box.run("run", "-dit", "--name", "c", "--rootfs", box.rootfs, "sh");
    for (const words of [["exec", "-it", "c", "true"], ["attach", "c"]]) {
      const other = await box.run(...words);
      equal(other.code, 125);
      match(other.stderr, refused);
    }
    await box.run("stop", "-t", "0", "c");
    match((await box.run("start", "-ai", "c")).stderr, refused);
    await box.run("rm", "c");
  });
}

async function md5(text: string): Promise<ArrayBuffer> {
  const { createHash } = await import("node:crypto");
  return Uint8Array.from(createHash("md5").update(text).digest()).buffer;
}

async function eventually(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  ok(isSo());
}
