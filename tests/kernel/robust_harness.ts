/** What the robustness tests share: the plan of a command line, call by call, work in lanes, and reproducible chance. */

import { runCommand } from "../../src/cli/run.ts";
import { readIdMap } from "../../src/host/id_map.ts";
import { buildPlan } from "../../src/plan/build_plan.ts";
import type { Plan } from "../../src/plan/operation.ts";
import { renderCall } from "../../src/plan/render_call.ts";
import { placedCalls } from "../../src/runtime/encode_plan.ts";
import { prepare } from "../../src/runtime/prepare.ts";
import { setStateRoot } from "../../src/runtime/state_root.ts";
import type { RunRequest } from "../../src/spec/request.ts";
import { ordinaryUser } from "../setup/requirements.ts";
import type { Box, BoxUser, Spawned } from "./box.ts";

/** One call of a plan, with what is needed to judge what becomes of it. */
export interface PlannedCall {
  /** The number that `--fail-step` and `--pause-step` take behind "#". */
  readonly number: number;
  readonly actor: string;
  /** The name of the system call. */
  readonly name: string;
  readonly label: string;
  /** Number of the operation, from 1. */
  readonly step: number;
  /** As the error message shows it; the container's id is `{id}`. */
  readonly text: string;
  readonly failure: "stop" | "ignore" | "attempt";
}

/** The words of `run` for a plan in which almost everything occurs. */
export function fullRun(box: Box, ...command: readonly string[]): string[] {
  const volume = `${box.work}:/data`;
  const mounts = ["--rootfs", `${box.rootfs}:O`, "-v", volume, "--tmpfs", "/scratch", "--read-only"];
  return ["run", "--rm", "-i", ...mounts, "-u", "app", "--cap-add", "NET_RAW", ...command];
}

/** The words of `run` for one that shares with the container `other` what can be shared. */
export function joiningRun(box: Box, ...command: readonly string[]): string[] {
  const joined = ["--network", "--pid", "--ipc"].map((flag) => `${flag}=container:other`);
  return ["run", "--rm", "-i", ...joined, "--rootfs", box.rootfs, ...command];
}

/** Starts the container that {@link joiningRun} joins. */
export async function startOther(box: Box): Promise<Spawned> {
  const words = ["sh", "-c", "echo ready; exec sleep 1000"];
  const other = box.spawn(
    box.command("run", "--rm", "--name", "other", "--rootfs", box.makeRootfs("other"), ...words),
    { timeoutMs: 1_000_000 },
  );
  await other.until("ready");
  return other;
}

/** Lists the calls of a command line's plan for the box's user, or another one. Only `run` words; nothing is done. */
export async function planCalls(box: Box, words: readonly string[], user = box.user): Promise<PlannedCall[]> {
  const { operations, id } = await planOf(box, words, user);
  return placedCalls({ operations }).map(({ operation, call }, number) => {
    const { actor, label } = operations[operation]!;
    const text = maskId(renderCall(call), id);
    const { name, failure } = call;
    return { number, actor, name, label: maskId(label, id), step: operation + 1, text, failure };
  });
}

/** Whether each user meets all calls, and not what the other one has met too: it takes twice as long. */
const MEETS_ALL = Deno.env.get("MYCTR_EVERY") === "1";

/** Whether it is this user who does something to a call of its plan. */
export type IsMine = (call: PlannedCall, done: string) => boolean;

/**
 * Says what of a plan is the box's user's to be tested, and what the other one's; with MYCTR_EVERY=1 all of it.
 *
 * @param words of `run`, of which the calls are the plan
 */
export async function sharing(
  box: Box,
  words: readonly string[],
  calls: readonly PlannedCall[],
): Promise<IsMine> {
  if (MEETS_ALL) return () => true;
  return share(calls, await planCalls(box, words, box.user === "root" ? "ordinary" : "root"), box.user);
}

/** What both plans have is met once, as one user or as the other; what only one plan has, as its own. */
export function share(own: readonly PlannedCall[], others: readonly PlannedCall[], user: BoxUser): IsMine {
  const names = namesOf(own);
  const theirs = new Set(namesOf(others));
  return ({ number }, done) => {
    const name = names[number]!;
    return !theirs.has(name) || isOfRoot(`${done} ${name}`) === (user === "root");
  };
}

/** The calls that a plan has and another one, which is tested too, has not; with MYCTR_EVERY=1 all of them. */
export function otherCalls(calls: readonly PlannedCall[], known: readonly PlannedCall[]): PlannedCall[] {
  if (MEETS_ALL) return [...calls];
  const names = new Set(namesOf(known));
  return namesOf(calls).flatMap((name, index) => names.has(name) ? [] : [calls[index]!]);
}

/** Names calls so that those of two plans can be compared: texts have ids of users in them. */
function namesOf(calls: readonly PlannedCall[]): string[] {
  const seen = new Map<string, number>();
  return calls.map(({ actor, label, name }) => {
    const kind = `${actor}: ${label}: ${name}`;
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return `${kind} ${count}`;
  });
}

/** Half of all names, the same half for both. */
function isOfRoot(name: string): boolean {
  return new TextEncoder().encode(name).reduce((sum, byte) => sum + byte, 0) % 2 === 0;
}

async function planOf(
  box: Box,
  words: readonly string[],
  user: BoxUser,
): Promise<Plan & { readonly id: string }> {
  let request: RunRequest | undefined;
  const command = runCommand((parsed) => {
    request = parsed;
    return Promise.resolve(0);
  });
  const quiet = { isDebug: false, print: () => {}, warn: () => {} };
  await command.run(words.slice(1), quiet);
  setStateRoot(box.state);
  const { id, spec, host, plan } = await prepare(request!);
  if (user === "root") return { ...plan, id };
  const { uid, gid } = ordinaryUser();
  // An ordinary user whose cgroup is the machine's root makes none.
  const { cgroup: _, ...rest } = host;
  return { ...buildPlan(spec, { ...rest, idMap: readIdMap(uid, gid) }), id };
}

/** Puts `{id}` where a container's id or its short form stands. */
export function maskId(text: string, id: string): string {
  return text.replaceAll(id, "{id}").replaceAll(id.slice(0, 12), "{id}");
}

/** Does work for each item, two at a time; more of what waits most of the time. */
export async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  { lanes = 2 } = {},
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Waits that long. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
