/**
 * SIGKILL of commands, monitors and containers over the whole life of containers, at random instants: list tells the
 * truth afterwards, rm -f works, nothing is left, and a container that has nothing to do with it goes on.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, USERS } from "./box.ts";
import { chance } from "../chance.ts";
import { shown } from "./kills_harness.ts";
import { inLanes, sleep } from "./robust_harness.ts";
import { pids } from "./traces.ts";

/** None of them can be the beginning of an id: they stand for nothing else. */
const NAMES = ["k", "l", "m", "n", "o", "p"] as const;
const COMMANDS = 200;
/** Longer than any of the commands takes on an idle machine. */
const LONGEST_MS = 60;

type Words = (box: Box, name: string, other: string) => readonly string[];

/** What may be killed in the middle: a command, with the containers that it is about. */
const ACTIONS: Readonly<Record<string, Words>> = {
  "run -d": (box, name) => ["run", "-d", "--name", name, "--rootfs", box.rootfs, "sleep", "100"],
  "run -d --rm": (
    box,
    name,
  ) => ["run", "-d", "--rm", "--name", name, "--rootfs", `${box.rootfs}:O`, "sleep", "0.1"],
  "run": (box, name) => ["run", "--name", name, "--rootfs", box.rootfs, "sleep", "0.02"],
  "create": (box, name) => ["create", "--name", name, "--rootfs", box.rootfs, "sleep", "100"],
  "start": (_, name) => ["start", name],
  "stop": (_, name) => ["stop", "-t", "0", name],
  "kill": (_, name) => ["kill", name],
  "restart": (_, name) => ["restart", "-t", "0", name],
  "rename": (_, name, other) => ["rename", name, other],
  "rm -f": (_, name) => ["rm", "-f", name],
  "exec": (_, name) => ["exec", name, "sleep", "0.02"],
  "pause": (_, name) => ["pause", name],
  "unpause": (_, name) => ["unpause", name],
  "list": () => ["list", "-a"],
  "inspect": (_, name) => ["inspect", name],
  "logs": (_, name) => ["logs", name],
};

/** Who is killed: the command itself, or the processes that watch or are the container. */
const VICTIMS = ["command", "command", "monitor", "container"] as const;

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(`lifecycle kills: ${COMMANDS} commands at random instants, as ${user}`, ...needs),
    async fn() {
      const seed = Date.now() % 2 ** 31;
      await Deno.stdout.write(new TextEncoder().encode(`seed ${seed}\n`));
      await using box = await openBox({ user });
      const bystander = await startBystander(box);
      const next = chance(seed);
      const pick = <Item>(from: readonly Item[]): Item => from[Math.floor(next() * from.length)]!;
      const kills = Array.from({ length: COMMANDS }, () => ({
        words: ACTIONS[pick(Object.keys(ACTIONS))]!(box, pick(NAMES), pick(NAMES)),
        victim: pick(VICTIMS),
        afterMs: next() * LONGEST_MS,
      }));
      const wrong: string[] = [];
      await inLanes(kills, async ({ words, victim, afterMs }) => {
        const { code, signal, stderr } = await killIn(box, { words, victim, afterMs });
        // A refusal has a reason that people understand; nothing else may come of it.
        const isKnown = signal === "SIGKILL" || code === 0 || stderr.startsWith("myctr: ") || code === 137;
        if (!isKnown || stderr.includes("Internal error")) {
          wrong.push(`seed ${seed}: ${words.join(" ")}, ${victim} after ${afterMs} ms: ${code} ${stderr}`);
        }
      });
      await shown(async () => {
        deepEqual(wrong, []);
        await tellsTheTruth(box);
        equal(await startOf(box, "bystander"), bystander);
        await removeAll(box);
      });
    },
  });
}

async function killIn(
  box: Box,
  { words, victim, afterMs }: {
    readonly words: readonly string[];
    readonly victim: typeof VICTIMS[number];
    readonly afterMs: number;
  },
): Promise<{ readonly code: number; readonly signal: string | null; readonly stderr: string }> {
  const client = box.spawn(box.command(...words));
  await sleep(afterMs);
  if (victim === "command") client.kill("SIGKILL");
  else killNow(victimOf(box, victim, words));
  return await client.ended;
}

/** A process of the container that the words are about; none where it does not run. */
function victimOf(box: Box, victim: "monitor" | "container", words: readonly string[]): number | undefined {
  const container = box.containers().find(({ name }) => words.includes(name));
  if (container === undefined || container.name === "bystander") return undefined;
  const lock = `${box.state}/containers/${container.id}/lock`;
  const monitor = pids().find((pid) => {
    try {
      return readIfThere(`/proc/${pid}/cmdline`).startsWith("myctr: monitor") &&
        Deno.readLinkSync(`/proc/${pid}/fd/6`) === lock;
    } catch {
      return false;
    }
  });
  if (monitor === undefined || victim === "monitor") return monitor;
  // Its number alone may be another process's by now: only a child of its monitor is it.
  const isChild = new RegExp(`^PPid:\\t${monitor}$`, "m").test(readIfThere(`/proc/${container.pid}/status`));
  return isChild ? container.pid : undefined;
}

async function startBystander(box: Box): Promise<string> {
  const { code, stderr } = await box.run(
    "run",
    "-d",
    "--name",
    "bystander",
    "--rootfs",
    box.rootfs,
    "sleep",
    "1000",
  );
  equal(code, 0, stderr);
  return await startOf(box, "bystander");
}

/** When and as which process a container was started. */
async function startOf(box: Box, name: string): Promise<string> {
  const { stdout, stderr } = await box.run(
    "inspect",
    "-f",
    "{{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}",
    name,
  );
  ok(stdout.startsWith("running "), `${stdout}${stderr}`);
  return stdout;
}

/** What list says is running has a process, and what it says has ended has none. */
async function tellsTheTruth(box: Box): Promise<void> {
  // What is on its way to its end may take a moment: what list says is compared with what is there at that time.
  await sleep(500);
  const { code, stdout, stderr } = await box.run(
    "list",
    "-a",
    "--no-trunc",
    "--format",
    "{{.ID}} {{.State}}",
  );
  equal(code, 0, stderr);
  for (const line of stdout.trimEnd().split("\n")) {
    const [id = "", state = ""] = line.split(" ");
    const { pid, pidStart } = JSON.parse(readIfThere(`${box.state}/containers/${id}/state.json`));
    // Numbers come again: field 22 of proc_pid_stat(5) tells this process from a later one.
    const fields = readIfThere(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    const isThere = pid !== undefined && fields[19] === pidStart && fields[0] !== "Z";
    equal(isThere, state === "running" || state === "paused", line);
  }
}

async function removeAll(box: Box): Promise<void> {
  const { stdout } = await box.run("list", "-a", "-q");
  const ids = stdout.trimEnd().split("\n");
  ok(ids.length > 0);
  const { code, stderr } = await box.run("rm", "-f", ...ids);
  equal(code, 0, stderr);
  // What was being made when it was killed is left alone for some seconds; the test does not wait for them.
  for (const folder of ["containers", "names"]) {
    for (const { name } of Deno.readDirSync(`${box.state}/${folder}`)) {
      Deno.utimeSync(`${box.state}/${folder}/${name}`, new Date(0), new Date(0));
    }
  }
  equal((await box.run("list", "-a", "-q")).stdout, "");
}

function killNow(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It was faster.
  }
}
