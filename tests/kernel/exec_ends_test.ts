/** How a command of `myctr exec` ends: by a signal, with its client, with its container; and what is left then. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { startIn } from "./exec_harness.ts";
import { inLanes, sleep } from "./robust_harness.ts";

/** How long a process may take to be gone. */
const PATIENCE_MS = 5000;

/** How many processes the container sees besides process 1 and the one that counts. */
async function countOthers(box: Box): Promise<number> {
  const { stdout } = await box.run("exec", "c", "sh", "-c", "set -- /proc/[0-9]*; echo $#");
  return Number(stdout) - 2;
}

/** Waits until the container has `own` processes besides process 1; gives how many more there are in the end. */
async function settle(box: Box, own = 0): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  let others = await countOthers(box);
  while (others > own && Date.now() < end) others = await countOthers(box);
  return others - own;
}

const READY = ["sh", "-c", "echo ready; exec sleep 1000"];

for (const { user, needs } of USERS) {
  for (const flags of [[], ["--pid=host"]]) {
    Deno.test({
      ...requires(`exec: it ends with its client, however that ends, ${flags}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await using _container = await startIn(box, ...flags);
        for (const signal of ["SIGKILL", "SIGTERM"] as const) {
          await using client = box.spawn(
            box.command("exec", "c", "sh", "-c", "echo $$ ready; exec sleep 1000"),
          );
          await client.until("ready");
          client.kill(signal);
          const ended = await client.ended;
          deepEqual([ended.signal, ended.code], signal === "SIGKILL" ? [signal, 137] : [null, 143]);
          if (flags.length === 0) equal(await settle(box), 0);
        }
      },
    });

    Deno.test({
      ...requires(`exec: it ends with its container, ${flags}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        await using _container = await startIn(box, ...flags);
        await using client = box.spawn(box.command("exec", "c", ...READY));
        await client.until("ready");
        equal((await box.run("exec", "-d", "c", ...READY)).code, 0);
        equal((await box.run("rm", "-f", "c")).code, 0);
        const ended = await client.ended;
        deepEqual([ended.code, ended.stdout, ended.stderr], [137, "ready\n", ""]);
        // That nothing is left, in particular of the one in the background, is what the box looks for.
      },
    });
  }

  Deno.test({
    ...requires(`exec: signals are passed on, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const script =
        "for n in HUP INT QUIT TERM USR1 USR2; do trap \"echo $n\" $n; done; trap 'exit 7' ALRM; " +
        "echo ready; while :; do sleep 0.02; done";
      await using client = box.spawn(box.command("exec", "c", "sh", "-c", script));
      await client.until("ready");
      for (const name of ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2"] as const) {
        client.kill(`SIG${name}`);
        await client.until(`${name}\n`);
      }
      client.kill("SIGALRM");
      equal((await client.ended).code, 7);
    },
  });

  Deno.test({
    ...requires(
      `exec: -d leaves it running, without streams, and its monitor reaps it, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const script = "echo lost; fds=$(for n in 0 1 2; do readlink /proc/$$/fd/$n; done); " +
        "echo $fds $PPID >/tmp/seen; sleep 0.1; exit 3";
      const ran = await box.run("exec", "-d", "c", "sh", "-c", script);
      deepEqual([ran.code, ran.stdout, ran.stderr], [0, "", ""]);
      equal(await settle(box), 0);
      const { stdout } = await box.run("exec", "c", "cat", "/tmp/seen");
      equal(stdout, "/dev/null /dev/null /dev/null 0\n");
      const end = Date.now() + PATIENCE_MS;
      const dies = () => readIfThere(`${box.state}/events`).split("exec_die").length - 1;
      // Two commands were run; both ends are told, whoever was there.
      while (dies() < 2 && Date.now() < end) await sleep(10);
      ok(dies() >= 2);
      // With -i, input stays open, and is no one's.
      await box.run("exec", "-d", "-i", "c", "sh", "-c", "cat; echo over >/tmp/over");
      equal((await box.run("exec", "c", "sh", "-c", "sleep 0.1; cat /tmp/over")).code, 1);
    },
  });

  Deno.test({
    ...requires(`exec: a reader that goes away ends the writer, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const words = box.command("exec", "c", "yes").map((word) => `'${word}'`).join(" ");
      const { stdout } = await box.exec(["sh", "-c", `{ ${words}; echo $? >&2; } | head -1`]);
      equal(stdout, "y\n");
      equal(await settle(box), 0);
    },
  });

  Deno.test({
    ...requires(`exec: a container that ends at any time gives a clear end, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const wrong: string[] = [];
      for (let round = 0; round < 12; round++) {
        const container = await startIn(box);
        const client = box.run("exec", "c", "sleep", "1000");
        await sleep(round * 5);
        await container[Symbol.asyncDispose]();
        const { code, stderr } = await client;
        const isTold = code === 125 &&
          /^myctr: Cannot (run a command in "c": it (has just ended|is not running)|find container "c")/.test(
            stderr,
          );
        if (!isTold && !(code === 137 && stderr === "")) wrong.push(`${round}: ${code} ${stderr}`);
      }
      deepEqual(wrong, []);
    },
  });

  Deno.test({
    ...requires(`exec: each call that fails is reported, and harms nobody, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      // What a shell leaves behind that was killed is reaped by the init.
      await using _container = await startIn(box, "--init", "--oom-score-adj", "500");
      const words = ["-i", "-u", "app", "c", "/bin/sh", "-c", "cat; echo err >&2"];
      const calls = await listCalls(box, words);
      ok(calls.length > 100, `the plan has only ${calls.length} calls`);
      const wrong: string[] = [];
      await inLanes(calls, async (call) => {
        const failing = box.command("exec", "--fail-step", `#${call.call}=EIO`, ...words);
        const { code, stdout, stderr } = await box.exec(failing, { stdin: "in\n" });
        const told = `myctr: Cannot ${call.label}\n  step  ${call.step} of`;
        // What myctr notes of a call and what the command writes come in any order.
        const isWhole = code === 0 && stdout === "in\n" && stderr.split("\n").includes("err");
        // Nobody but myctr reads these records: where it can not be told, it is gone.
        const isRecord = call.onFailure === "ignore" && call.text.startsWith("write(4, ");
        const isRight = isRecord
          ? !stderr.includes("Internal error")
          : call.name === "execve"
          ? code === 126 && stderr.startsWith('myctr: Cannot run "/bin/sh": EIO\n')
          : call.onFailure === "stop"
          ? code === 125 && stderr.includes(told) && stderr.includes(`${call.text} = EIO\n`)
          : call.name === "futex"
          // The last of the output is not waited for then.
          ? code === 0
          : isWhole;
        if (!isRight) wrong.push(`#${call.call} ${call.actor}: ${call.text}: ${code} ${stdout} ${stderr}`);
      });
      deepEqual(wrong, []);
      equal(await settle(box, 1), 0);
    },
  });

  Deno.test({
    ...requires(`exec: myctr is killed before any call, and nothing is left, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      await using _container = await startIn(box);
      const words = ["c", "/bin/sleep", "1000"];
      const calls = await listCalls(box, words);
      const started = calls.filter(({ actor }) => !actor.endsWith("relay"));
      const firstOfEach = started.filter(({ step }, index) => started[index - 1]?.step !== step);
      const wrong: string[] = [];
      // What comes behind the command's own end is never met.
      const met = firstOfEach.filter(({ step }) => step <= stepOf(calls, /^wait for the end of/));
      await inLanes(met, async ({ call, label }) => {
        const client = new Deno.Command(box.command()[0]!, {
          args: box.command("exec", "--pause-step", `#${call}`, ...words).slice(1),
          cwd: box.work,
          env: box.env,
          clearEnv: true,
          stdin: "null",
          stdout: "null",
          stderr: "piped",
        }).spawn();
        const reader = client.stderr.pipeThrough(new TextDecoderStream()).getReader();
        const { value } = await reader.read();
        if (!value?.startsWith("paused")) wrong.push(`${label}: ${value}`);
        client.kill("SIGKILL");
        await client.status;
        await reader.cancel();
      });
      deepEqual(wrong, []);
      equal(await settle(box), 0);
    },
  });
}

interface ListedCall {
  readonly step: number;
  readonly actor: string;
  readonly label: string;
  readonly call: number;
  readonly name: string;
  readonly text: string;
  readonly onFailure: string;
}

/** Lists the calls of a plan of exec, as --dry-run=json prints it. */
async function listCalls(box: Box, words: readonly string[]): Promise<readonly ListedCall[]> {
  const { stdout, stderr } = await box.run("exec", "--dry-run=json", ...words);
  ok(stdout !== "", stderr);
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).flatMap((
    { step, actor, label, calls },
  ) => (calls as readonly ListedCall[]).map((call) => ({ ...call, step, actor, label })));
}

function stepOf(calls: readonly ListedCall[], label: RegExp): number {
  return calls.find((call) => label.test(call.label))!.step;
}
