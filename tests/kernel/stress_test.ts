/** Many runs, much data, little memory. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran } from "./box.ts";
import { sleep } from "./robust_harness.ts";
import { pids } from "./traces.ts";
import { numberIn, peakOf, pssOf } from "./memory.ts";

/** MYCTR_QUICK is for the hand that waits: what it leaves out is said. */
const IS_QUICK = Deno.env.get("MYCTR_QUICK") !== undefined;
const IN_A_ROW = IS_QUICK ? 50 : 1000;
const AT_ONCE = 50;
const BLOCK = 1024 * 1024;
const BLOCKS = IS_QUICK ? 64 : 1024;
const MAX_TREE_KIB = 60 * 1024;
const MAX_MONITOR_KIB = 64;

if (IS_QUICK) say(`stress: ${IN_A_ROW} runs and ${BLOCKS} MiB, because MYCTR_QUICK is set`);

Deno.test({
  ...requires(`stress: ${IN_A_ROW} runs in a row give their codes and leave nothing`, "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const wrong: string[] = [];
    for (let index = 0; index < IN_A_ROW; index++) wrong.push(...await runOne(box, index));
    deepEqual([...wrong, ...await box.settle()], []);
  },
});

Deno.test({
  ...requires(`stress: ${AT_ONCE} runs at once give their codes and leave nothing`, "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const wrong = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => runOne(box, index)));
    deepEqual([...wrong.flat(), ...await box.settle()], []);
  },
});

Deno.test({
  ...requires(`stress: ${BLOCKS} MiB go through stdin and stdout unchanged`, "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const { sent, received, code, bytes } = await passThrough(box);
    equal(code, 0);
    equal(bytes, BLOCK * BLOCKS);
    equal(received, sent);
  },
});

Deno.test({
  ...requires("stress: memory of a running container: all of it, and its monitor", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    const words = ["run", "--rm", "--rootfs", box.rootfs, "sh", "-c", "echo ready; exec sleep 100"];
    await using running = box.spawn(box.command(...words));
    let peakKib = 0;
    const isReady = running.until("ready").then(() => true);
    while (!await Promise.race([isReady, sleep(1).then(() => false)])) {
      peakKib = Math.max(peakKib, treeKib(running.pid));
    }
    await sleep(100);
    const monitor = treeOf(running.pid).find((pid) => wordsOf(pid) === "myctr: monitor")!;
    const [clientKib, monitorKib] = [peakOf(running.pid), pssOf(monitor)];
    peakKib = Math.max(peakKib, treeKib(running.pid));
    say(`peak of the tree ${peakKib} KiB, peak of myctr alone ${clientKib} KiB, monitor ${monitorKib} KiB`);
    for (const { pid } of box.containers()) Deno.kill(pid, "SIGKILL");
    await running.ended;
    ok(monitorKib < MAX_MONITOR_KIB, `monitor: ${monitorKib} KiB`);
    // From source the compiler's memory counts too: the limit is for the one executable.
    if (Deno.env.get("MYCTR_BIN") !== undefined) ok(peakKib < MAX_TREE_KIB, `tree: ${peakKib} KiB`);
  },
});

/** Runs a command with a code and a word of its own; says what is wrong. */
async function runOne(box: Box, index: number): Promise<string[]> {
  const code = index % 120;
  const ran: Ran = await box.inside("sh", "-c", `echo ${index}; exit ${code}`);
  const isRight = ran.code === code && ran.stdout === `${index}\n` && ran.stderr === "";
  return isRight ? [] : [`run ${index}: ${ran.code} ${ran.stdout} ${ran.stderr}`];
}

interface Passed {
  readonly sent: string;
  readonly received: string;
  readonly bytes: number;
  readonly code: number;
}

/** Sends blocks that are all different through `cat`. */
async function passThrough(box: Box): Promise<Passed> {
  const [program = "", ...args] = box.command("run", "--rm", "-i", "--rootfs", box.rootfs, "cat");
  const child = new Deno.Command(program, {
    args,
    cwd: box.work,
    env: box.env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const sent = createHash("sha256");
  const received = createHash("sha256");
  let bytes = 0;
  const send = async () => {
    const writer = child.stdin.getWriter();
    const block = new Uint8Array(randomBytes(BLOCK));
    for (let index = 0; index < BLOCKS; index++) {
      new DataView(block.buffer).setUint32(0, index);
      sent.update(block);
      await writer.write(block);
    }
    await writer.close();
  };
  const receive = async () => {
    for await (const chunk of child.stdout) {
      received.update(chunk);
      bytes += chunk.length;
    }
  };
  await Promise.all([send(), receive()]);
  const { code } = await child.status;
  return { sent: sent.digest("hex"), received: received.digest("hex"), bytes, code };
}

/** A process and all below it. */
function treeOf(root: number): number[] {
  const parents = pids().map((pid) => ({ pid, parent: numberIn(`/proc/${pid}/status`, /^PPid:\s+(\d+)/m) }));
  const found = [root];
  for (const pid of found) {
    found.push(...parents.filter(({ parent }) => parent === pid).map((each) => each.pid));
  }
  return found;
}

/** What a process and all below it take now; memory that several of them share counts once. */
function treeKib(root: number): number {
  return treeOf(root).reduce((sum, pid) => sum + pssOf(pid), 0);
}

function wordsOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
