/**
 * SIGKILL of myctr, of the monitor and of the container's process, at every operation and at random times: no process,
 * mount, link or cgroup stays, and the next command cleans the state directory.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { chance } from "../chance.ts";
import {
  fullRun,
  inLanes,
  joiningRun,
  planCalls,
  type PlannedCall,
  sleep,
  startOther,
} from "./robust_harness.ts";
import { pids } from "./traces.ts";

const VICTIMS = ["client", "monitor", "child"] as const;
type Victim = typeof VICTIMS[number];

/** A run that is not over by then hangs: it is killed, and its end is not what it should be. */
const PATIENCE_MS = 5000;

/** Runs that are killed before the state directory is looked at once. */
const BATCH = 8;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`kills: myctr, monitor and container die at every operation, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = fullRun(box, "/bin/true");
      const kills = listKills(await planCalls(box, words));
      const wrong: string[] = [];
      for (let at = 0; at < kills.length; at += BATCH) {
        const batch = kills.slice(at, at + BATCH);
        await inLanes(batch, async (kill) => {
          const problem = await killAt(box, words, kill);
          if (problem !== undefined) wrong.push(`${describe(kill)}: ${problem}`);
        });
        const left = await cleanByNextCommand(box);
        if (left.length > 0) wrong.push(`after ${batch.map(describe).join("; ")}:`, ...left);
      }
      deepEqual(wrong, []);
    },
  });
}

Deno.test({
  ...requires("kills: myctr and monitor die while another container is entered", "root", "busybox"),
  async fn() {
    await using box = await openBox();
    await using other = await startOther(box);
    const words = joiningRun(box, "/bin/true");
    const calls = await planCalls(box, words);
    const kills = calls.filter(({ actor }) => actor === "visitor" || actor === "joiner")
      .flatMap((call) => [{ call, victim: "client" }, { call, victim: "monitor" }] as const);
    ok(kills.length > 20, `the other container is entered by only ${kills.length} calls`);
    const wrong: string[] = [];
    await inLanes(kills, async (kill) => {
      const problem = await killAt(box, words, kill);
      if (problem !== undefined) wrong.push(`${describe(kill)}: ${problem}`);
    });
    await box.run("rm", "-f", "other");
    await other.ended;
    deepEqual([...wrong, ...await cleanByNextCommand(box)], []);
  },
});

Deno.test({
  ...requires("kills: 50 at random times", "root", "busybox"),
  async fn() {
    const seed = Date.now() % 2 ** 31;
    await Deno.stdout.write(new TextEncoder().encode(`seed ${seed}\n`));
    await using box = await openBox();
    const next = chance(seed);
    const kills = Array.from({ length: 50 }, () => ({
      victim: VICTIMS[Math.floor(next() * 3)]!,
      afterMs: next() * 150,
    }));
    const wrong: string[] = [];
    await inLanes(kills, async (kill) => {
      const problem = await killAfter(box, kill);
      if (problem !== undefined) {
        wrong.push(`seed ${seed}, ${kill.victim} after ${kill.afterMs} ms: ${problem}`);
      }
    });
    deepEqual([...wrong, ...await cleanByNextCommand(box)], []);
  },
});

/** One run, the call before which it is paused, and who is killed then. */
interface Kill {
  readonly call: PlannedCall;
  readonly victim: Victim;
}

function describe({ call, victim }: Kill): string {
  return `${victim} killed before #${call.number} (${call.actor}: ${call.label})`;
}

/** Each call is met once at least, by one victim after the other, and each operation by all three of them. */
function listKills(calls: readonly PlannedCall[]): Kill[] {
  const own = calls.filter(({ actor }) => actor === "monitor" || actor === "container");
  const firstOfContainer = own.find(({ actor }) => actor === "container")!.step;
  return Object.values(Object.groupBy(own, ({ step }) => step)).flatMap((ofOne) => {
    const group = ofOne!;
    const isBeforeChild = group[0]!.step < firstOfContainer;
    const victims = isBeforeChild ? VICTIMS.slice(0, 2) : VICTIMS;
    return Array.from({ length: Math.max(group.length, victims.length) }, (_, index) => ({
      call: group[index % group.length]!,
      victim: victims[index % victims.length]!,
    }));
  });
}

/** Starts a run that pauses, kills, and waits for its end; says what is not as it should be. */
async function killAt(
  box: Box,
  words: readonly string[],
  { call, victim }: Kill,
): Promise<string | undefined> {
  const [run = "", ...rest] = words;
  const startedMs = performance.now();
  const client = start(box, [run, "--pause-step", `#${call.number}`, ...rest]);
  const paused = await client.paused;
  if (paused !== undefined) {
    const child = paused.container ?? maybeChild(paused.monitor);
    killNow({ client: client.pid, monitor: paused.monitor, child }[victim]);
    // The monitor is paused for as long as myctr lives: it goes on without myctr, and without its child.
    if (victim === "child" && call.actor === "monitor") killNow(client.pid);
  }
  const { code, signal, stderr } = await client.ended;
  if (stderr.includes("Internal error")) return stderr;
  if (signal === "SIGKILL") return performance.now() - startedMs < PATIENCE_MS ? undefined : "it hangs";
  // Either the command had ended well by then, or this call is made only where myctr is gone.
  if (code === 0) return AFTER_THE_END.has(call.label) ? undefined : `0 ${stderr}`;
  return paused !== undefined && (code === 125 || code === 137) ? undefined : `${code} ${stderr}`;
}

const AFTER_THE_END = new Set([
  "keep the exit status",
  "tell of the end",
  "see whether myctr is still there",
  "clean up",
]);

/** Kills after a time; what is not there yet, or no more, is not killed, and the run goes well. */
async function killAfter(
  box: Box,
  { victim, afterMs }: { readonly victim: Victim; readonly afterMs: number },
): Promise<string | undefined> {
  const client = start(box, ["run", "--rm", "--rootfs", box.rootfs, "sh", "-c", "sleep 0.05"]);
  await sleep(afterMs);
  const monitor = childrenOf(client.pid).find((pid) => commandOf(pid) === "myctr: monitor");
  const child = monitor === undefined ? undefined : maybeChild(monitor);
  const pid = { client: client.pid, monitor, child }[victim];
  const isKilled = killNow(pid);
  const { code, stderr } = await client.ended;
  if (stderr.includes("Internal error")) return stderr;
  return code === 0 || isKilled && (code === 125 || code === 137) ? undefined : `${code} ${stderr}`;
}

interface Client {
  readonly pid: number;
  /** What it says when it is paused; undefined where it ends without. */
  readonly paused: Promise<{ readonly monitor: number; readonly container: number | undefined } | undefined>;
  readonly ended: Promise<{ readonly code: number; readonly signal: string | null; readonly stderr: string }>;
}

function start(box: Box, args: readonly string[]): Client {
  const [program = "", ...words] = box.command(...args);
  const options = {
    args: words,
    cwd: box.work,
    env: box.env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  } as const;
  const child = new Deno.Command(program, options).spawn();
  const paused = Promise.withResolvers<RegExpExecArray | null>();
  const follow = async () => {
    let stderr = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      const said = /^paused call=\d+ monitor=(\d+) container=(\d+|-)\n/m.exec(stderr);
      if (said !== null) paused.resolve(said);
    }
    paused.resolve(null);
    return { ...await child.status, stderr };
  };
  const ended = follow();
  const timer = setTimeout(() => killNow(child.pid), PATIENCE_MS);
  return {
    pid: child.pid,
    paused: paused.promise.then((said) =>
      said === null
        ? undefined
        : { monitor: Number(said[1]), container: said[2] === "-" ? undefined : Number(said[2]) }
    ),
    ended: ended.then((end) => {
      clearTimeout(timer);
      return end;
    }),
  };
}

/** The next command works, and nothing is left when it is done. */
async function cleanByNextCommand(box: Box): Promise<string[]> {
  const end = Date.now() + 5000;
  // Files and the empty cgroup of a monitor that was killed are the next command's work.
  const others = () => box.traces().filter((text) => !/^(file|cgroup) /.test(text));
  while (others().length > 0 && Date.now() < end) await sleep(10);
  const before = others();
  age(box);
  const { code, stdout, stderr } = await box.run("list", "-a", "-q");
  if (code !== 0 || stdout !== "") before.push(`list -a: ${code} ${stdout}${stderr}`);
  return [...before, ...box.traces()];
}

/** What is being made is left alone for some seconds; the tests do not wait for them. */
function age(box: Box): void {
  for (const folder of ["containers", "names"]) {
    for (const { name } of readEntries(`${box.state}/${folder}`)) {
      const path = `${box.state}/${folder}/${name}`;
      if (folder === "names" || name.startsWith(".")) Deno.utimeSync(path, new Date(0), new Date(0));
    }
  }
}

function readEntries(directory: string): Deno.DirEntry[] {
  try {
    return Array.from(Deno.readDirSync(directory));
  } catch {
    return [];
  }
}

function killNow(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function childrenOf(parent: number): number[] {
  return pids().filter((pid) =>
    new RegExp(`^PPid:\\t${parent}$`, "m").test(readIfThere(`/proc/${pid}/status`))
  );
}

/** The child of a monitor that is process 1 of a namespace; relays are not. */
function maybeChild(monitor: number): number | undefined {
  return childrenOf(monitor).find((pid) => /^NSpid:(\t\d+)+\t1$/m.test(readIfThere(`/proc/${pid}/status`)));
}

function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

Deno.test("listKills() lets each operation of a container be met by all three", () => {
  const calls = [1, 1, 2, 2, 2, 2].map((step, number) => (
    { number, actor: "container", name: "x", label: `${step}`, step, text: "", failure: "stop" } as const
  ));
  const kills = listKills(calls);
  equal(kills.length, 7);
  ok(
    [1, 2].every((step) =>
      new Set(kills.filter(({ call }) => call.step === step).map((k) => k.victim)).size === 3
    ),
  );
});
