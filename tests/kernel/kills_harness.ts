/** What the tests share that kill a command, its monitor or its container before a call of the plan. */

import { readIfThere } from "../setup/needs.ts";
import type { Box } from "./box.ts";
import type { PlannedCall } from "./robust_harness.ts";
import { pids } from "./traces.ts";

export const VICTIMS = ["client", "monitor", "child"] as const;
export type Victim = typeof VICTIMS[number];

/** A command that is not over by then hangs: it is killed, and its end is not what it should be. */
const PATIENCE_MS = 5000;

/** One command, the call before which it is paused, and who is killed then. */
export interface Kill {
  readonly call: PlannedCall;
  readonly victim: Victim;
}

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Names a kill. */
export function describe({ call, victim }: Kill): string {
  return `${victim} killed before #${call.number} (${call.actor}: ${call.label})`;
}

/** Each call is met once at least, by one victim after the other, and each operation by all three of them. */
export function listKills(calls: readonly PlannedCall[]): Kill[] {
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

/** Lists each operation with all victims that can be there, at its first call. */
export function listOperations(calls: readonly PlannedCall[]): Kill[] {
  return listKills(calls).filter((kill, index, all) =>
    all.findIndex(({ call, victim }) => call.step === kill.call.step && victim === kill.victim) === index
  );
}

/**
 * Starts words, the first of which is the command, with a pause, kills, and waits for the end; undefined where it was the
 * client that was killed, and in time.
 */
export async function killAt(
  box: Box,
  [command = "", ...rest]: readonly string[],
  { call, victim }: Kill,
): Promise<(Ended & { readonly isPaused: boolean }) | { readonly problem: string } | undefined> {
  const startedMs = performance.now();
  const client = start(box, [command, "--pause-step", `#${call.number}`, ...rest]);
  const paused = await client.paused;
  if (paused !== undefined) {
    const child = paused.container ?? maybeChild(paused.monitor);
    killNow({ client: client.pid, monitor: paused.monitor, child }[victim]);
    // The monitor is paused for as long as myctr lives: it goes on without myctr, and without its child.
    if (victim === "child" && (call.actor === "monitor" || child === undefined)) killNow(client.pid);
  }
  const ended = await client.ended;
  if (ended.stderr.includes("Internal error")) return { problem: ended.stderr };
  if (ended.signal !== "SIGKILL") return { ...ended, isPaused: paused !== undefined };
  return performance.now() - startedMs < PATIENCE_MS ? undefined : { problem: "it hangs" };
}

/** A command that may pause. */
export interface Client {
  readonly pid: number;
  /** What it says when it is paused; undefined where it ends without. */
  readonly paused: Promise<{ readonly monitor: number; readonly container: number | undefined } | undefined>;
  readonly ended: Promise<Ended>;
}

/** Starts words of myctr. */
export function start(box: Box, args: readonly string[]): Client {
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

/** Kills a process; false where there is none. */
export function killNow(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Lists the processes that a process has started. */
export function childrenOf(parent: number): number[] {
  return pids().filter((pid) =>
    new RegExp(`^PPid:\\t${parent}$`, "m").test(readIfThere(`/proc/${pid}/status`))
  );
}

/** The child of a monitor that lives in another namespace; helpers of the monitor do not. */
export function maybeChild(monitor: number): number | undefined {
  return childrenOf(monitor).find((pid) => /^NSpid:(\t\d+){2,}$/m.test(readIfThere(`/proc/${pid}/status`)));
}

/** The command line of a process. */
export function commandOf(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Shows what is wrong before the box is closed, which has its own words for what is left. */
export async function shown(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await Deno.stderr.write(new TextEncoder().encode(`${error instanceof Error ? error.stack : error}\n`));
    throw error;
  }
}
