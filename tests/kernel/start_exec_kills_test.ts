/**
 * SIGKILL of `start` and `exec`, of their monitors and of what they start, before every operation: list tells the truth,
 * a container that was not to be touched goes on, what was killed can be started again, and nothing is left.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { requires } from "../setup/requirements.ts";
import { type Box, type BoxUser, openBox, USERS } from "./box.ts";
import { startIn } from "./exec_harness.ts";
import { describe, type Kill, killAt, listKills, listOperations, shown } from "./kills_harness.ts";
import { inLanes, planCalls, type PlannedCall, sharing, sleep } from "./robust_harness.ts";

/** Kills before the state directory is looked at once. */
const BATCH = 24;
/** Of exec: a client whose monitor was killed waits, for a second, whether the container ends too. */
const LANES = 12;
/** How long processes of what was killed may take to be gone. */
const PATIENCE_MS = 5000;

/** How a command is made, and the words that start it; both users start, and one of them stays too. */
const STARTS: readonly { readonly flags: readonly string[]; readonly users: readonly BoxUser[] }[] = [
  { flags: [], users: ["root", "ordinary"] },
  { flags: ["-a"], users: ["root"] },
];

for (const { flags, users } of STARTS) {
  for (const { user, needs } of USERS.filter(({ user }) => users.includes(user))) {
    Deno.test({
      ...requires(
        `kills: start ${flags.join("")} and what it starts, before every operation, as ${user}`,
        ...needs,
      ),
      async fn() {
        await using box = await openBox({ user });
        await using _bystander = await startIn(box);
        await shown(() => killEachStart(box, flags));
      },
    });
  }
}

/** Kills before each operation, and looks at what is there in between. */
async function killEachStart(box: Box, flags: readonly string[]): Promise<void> {
  const before = await statusOf(box, "c");
  // Of one that ends by itself the monitor's last steps are met too: they see to a restart policy.
  const policy = flags.length === 0 ? [] : ["--restart", "on-failure"];
  const root = [
    ...policy,
    "-v",
    `${box.work}:/data`,
    "--rootfs",
    `${box.rootfs}:O`,
    "sleep",
    flags.length === 0 ? "1000" : "0.1",
  ];
  const run = ["run", ...(flags.length === 0 ? ["-d"] : []), ...root];
  const calls = await planCalls(box, run);
  const all = listOperations(calls);
  ok(all.length > 150, `only ${all.length} kills`);
  // One user alone stays: no other one takes a part of that.
  const isMine = flags.length === 0 ? await sharing(box, run, calls) : () => true;
  const kills = all.filter(({ call, victim }) => isMine(call, victim));
  const wrong: string[] = [];
  for (let at = 0; at < kills.length; at += BATCH) {
    wrong.push(...await killStarts(box, kills.slice(at, at + BATCH), { flags, root }));
  }
  deepEqual(wrong, []);
  equal(await statusOf(box, "c"), before);
}

/** Each has a container of its own; says what is wrong with how they ended, and with what is there then. */
async function killStarts(
  box: Box,
  kills: readonly Kill[],
  { flags, root }: { readonly flags: readonly string[]; readonly root: readonly string[] },
): Promise<string[]> {
  const wrong: string[] = [];
  const names = kills.map((_, index) => `k${index}`);
  await inLanes([...kills.entries()], async ([index, kill]) => {
    const name = names[index]!;
    const created = await box.run("create", "--name", name, ...root);
    equal(created.code, 0, created.stderr);
    const ended = await killAt(box, ["start", ...flags, name], kill);
    const problem = endProblem(ended, { isDetached: flags.length === 0 }) ?? await stateProblem(box, name);
    if (problem !== undefined) wrong.push(`${describe(kill)}: ${problem}`);
  });
  const again = await box.run("start", ...names);
  if (again.code !== 0) wrong.push(`start again: ${again.code} ${again.stderr}`);
  const removed = await box.run("rm", "-f", ...names);
  if (removed.code !== 0) wrong.push(`rm -f: ${removed.code} ${removed.stderr}`);
  return wrong;
}

/** A client that was not killed says that what it started failed; in the background it may have gone before, in peace. */
function endProblem(
  ended: Awaited<ReturnType<typeof killAt>>,
  { isDetached }: { readonly isDetached: boolean },
): string | undefined {
  if (ended === undefined) return undefined;
  if ("problem" in ended) return ended.problem;
  const { code, isPaused, stderr } = ended;
  // "start" gives 1 where a container of several does not start, as docker does.
  const isKnown = code === 0 ? isPaused || isDetached : isPaused && [1, 125, 137].includes(code);
  return isKnown ? undefined : `${code} ${stderr}`;
}

/** Whether the container is said to run just as its process is there. */
async function stateProblem(box: Box, name: string): Promise<string | undefined> {
  const end = Date.now() + PATIENCE_MS;
  let told = "";
  while (Date.now() < end) {
    told = await statusOf(box, name);
    const [status = "", id = ""] = told.split(" ");
    const { pid, pidStart } = JSON.parse(readIfThere(`${box.state}/containers/${id}/state.json`));
    // Numbers come again: field 22 of proc_pid_stat(5) tells this process from a later one.
    const fields = readIfThere(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
    const isThere = pid !== undefined && fields[19] === pidStart && fields[0] !== "Z";
    if (isThere === (status === "running")) return undefined;
    await sleep(10);
  }
  return `it is said to be ${told}`;
}

async function statusOf(box: Box, name: string): Promise<string> {
  const format = "{{.State.Status}} {{.Id}} {{.State.Pid}}";
  const { stdout, stderr } = await box.run("inspect", "-f", format, name);
  return `${stdout}${stderr}`.trim();
}

for (const { user, needs } of USERS) {
  for (const flags of [[], ["-d"]] as const) {
    Deno.test({
      ...requires(
        `kills: exec ${flags.join("")} and what it starts, before every call, as ${user}`,
        ...needs,
      ),
      async fn() {
        await using box = await openBox({ user });
        await using _container = await startIn(box);
        const before = await statusOf(box, "c");
        const calls = await execCalls(box, [...flags, "c", "true"]);
        const waiting = calls.find(({ label }) => label.startsWith("wait for the end of"))!.step;
        const kills = listKills(calls);
        ok(kills.length > 80, `only ${kills.length} kills`);
        const wrong: string[] = [];
        for (let at = 0; at < kills.length; at += 2 * BATCH) {
          const batch = kills.slice(at, at + 2 * BATCH);
          await inLanes(batch, async (kill) => {
            // What would stay, if it could, is what its client leaves.
            const isLeft = kill.victim === "client" && flags.length === 0 && kill.call.step <= waiting;
            const command = isLeft ? ["sleep", "1000"] : ["true"];
            const ended = await killAt(box, ["exec", ...flags, "c", ...command], kill);
            const problem = endProblem(ended, { isDetached: flags.length > 0 });
            if (problem !== undefined) wrong.push(`${describe(kill)}: ${problem}`);
          }, { lanes: LANES });
          const others = await settled(box);
          if (others > 0) wrong.push(`${others} processes stay after ${batch.map(describe).join("; ")}`);
        }
        await shown(async () => {
          deepEqual(wrong, []);
          equal(await statusOf(box, "c"), before);
        });
      },
    });
  }
}

/** The calls of the plan of `exec`, which depends on the container as it runs. */
async function execCalls(box: Box, words: readonly string[]): Promise<PlannedCall[]> {
  const { code, stdout, stderr } = await box.run("exec", "--dry-run=json", ...words);
  equal(code, 0, stderr);
  return stdout.trimEnd().split("\n").flatMap((line) => {
    const { step, actor, label, calls } = JSON.parse(line) as PlannedOperation;
    // The process that joins is the command before it is one.
    const by = actor === "command" ? "container" : actor;
    return calls.map(({ call, name, text, onFailure }) => (
      { number: call, actor: by, name, label, step, text, failure: onFailure }
    ));
  });
}

interface PlannedOperation extends Pick<PlannedCall, "step" | "actor" | "label"> {
  readonly calls: readonly {
    readonly call: number;
    readonly name: string;
    readonly text: string;
    readonly onFailure: PlannedCall["failure"];
  }[];
}

/** Waits until the container has its own process alone; gives how many more there are in the end. */
async function settled(box: Box): Promise<number> {
  const end = Date.now() + PATIENCE_MS;
  while (true) {
    const { stdout } = await box.run("exec", "c", "sh", "-c", "set -- /proc/[0-9]*; echo $#");
    const others = Number(stdout) - 2;
    if (others === 0 || Date.now() > end) return others;
    await sleep(20);
  }
}
