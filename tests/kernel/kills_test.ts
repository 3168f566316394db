/**
 * SIGKILL of myctr, of the monitor and of the container's process, at every operation and at random times: no process,
 * mount, link or cgroup stays, and the next command cleans the state directory.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { chance } from "../chance.ts";
import {
  childrenOf,
  commandOf,
  describe,
  type Kill,
  killAt,
  killNow,
  listKills,
  maybeChild,
  start,
  type Victim,
  VICTIMS,
} from "./kills_harness.ts";
import {
  fullRun,
  inLanes,
  joiningRun,
  planCalls,
  share,
  sharing,
  sleep,
  startOther,
} from "./robust_harness.ts";

/** Runs that are killed before the state directory is looked at once. */
const BATCH = 8;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`kills: myctr, monitor and container die at every operation, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const words = fullRun(box, "/bin/true");
      const calls = await planCalls(box, words);
      const isMine = await sharing(box, words, calls);
      const kills = listKills(calls).filter(({ call, victim }) => isMine(call, victim));
      const wrong: string[] = [];
      for (let at = 0; at < kills.length; at += BATCH) {
        const batch = kills.slice(at, at + BATCH);
        await inLanes(batch, async (kill) => {
          const problem = await killRun(box, words, kill);
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
      const problem = await killRun(box, words, kill);
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

/** Kills a run; says what is not as it should be. */
async function killRun(box: Box, words: readonly string[], kill: Kill): Promise<string | undefined> {
  const ended = await killAt(box, words, kill);
  if (ended === undefined) return undefined;
  if ("problem" in ended) return ended.problem;
  const { code, stderr, isPaused } = ended;
  // Either the command had ended well by then, or this call is made only where myctr is gone.
  if (code === 0) return AFTER_THE_END.has(kill.call.label) ? undefined : `0 ${stderr}`;
  return isPaused && (code === 125 || code === 137) ? undefined : `${code} ${stderr}`;
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

Deno.test("share() gives each kill to the one user whose it is, or to one of both", () => {
  const call = (number: number, name: string) => (
    { number, actor: "monitor", name, label: "do it", step: 1, text: name, failure: "stop" } as const
  );
  const common = Array.from({ length: 40 }, (_, index) => `call${index % 8}`);
  const root = [call(0, "chown"), ...common.map((name, index) => call(index + 1, name))];
  const ordinary = [...common.map((name, index) => call(index, name)), call(common.length, "setgroups")];
  const byRoot = share(root, ordinary, "root");
  const byOrdinary = share(ordinary, root, "ordinary");
  for (const victim of VICTIMS) {
    ok(byRoot(root[0]!, victim));
    ok(byOrdinary(ordinary.at(-1)!, victim));
    const shares = common.map((_, index) => [
      byRoot(root[index + 1]!, victim),
      byOrdinary(ordinary[index]!, victim),
    ]);
    ok(shares.every(([one, other]) => one !== other), JSON.stringify(shares));
    const ofRoot = shares.filter(([one]) => one).length;
    ok(ofRoot > 10 && ofRoot < 30, `root has ${ofRoot} of 40`);
  }
});
