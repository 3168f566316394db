/**
 * Every call by which a container gets its terminal fails in turn, and everybody is killed before it: the message says
 * what could not be done, nothing is left, and nobody hangs.
 */

import { deepEqual, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "./box.ts";
import { describe, killAt, listKills } from "./kills_harness.ts";
import { inLanes, planCalls, type PlannedCall } from "./robust_harness.ts";

const THREADS: readonly string[] = ["stdout relay", "door", "guard"];

/** What goes with a terminal; `-t` alone, since a test has none to type at. */
function wordsOf(box: Box): string[] {
  return [
    "run",
    "--rm",
    "-t",
    "-u",
    "app",
    "--rootfs",
    box.rootfs,
    "/bin/sh",
    "-c",
    "echo out; echo err >&2",
  ];
}

async function terminalCalls(
  box: Box,
): Promise<{ readonly calls: readonly PlannedCall[]; readonly steps: number }> {
  const all = await planCalls(box, wordsOf(box));
  const calls = all.filter(({ actor, label }) =>
    THREADS.includes(actor) || /terminal|console|connect the streams|door|guard/.test(label)
  );
  ok(calls.length > 40, `only ${calls.length} calls of ${all.length}`);
  return { calls, steps: all.at(-1)!.step };
}

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `terminal: each call for it that fails is reported, and leaves nothing, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const { calls, steps } = await terminalCalls(box);
      const wrong: string[] = [];
      await inLanes(calls, async (call) => {
        const [run = "", ...rest] = wordsOf(box);
        const ran = await box.run(run, "--fail-step", `#${call.number}=EIO`, ...rest);
        const problem = problemOf(ran, call, steps);
        if (problem !== undefined) wrong.push(`#${call.number} ${call.actor}: ${call.text}: ${problem}`);
      });
      deepEqual(wrong, []);
    },
  });

  Deno.test({
    ...requires(`terminal: kills before each operation for it, as ${user}`, ...needs),
    async fn() {
      await using box = await openBox({ user });
      const { calls } = await terminalCalls(box);
      const kills = listKills(calls);
      ok(kills.length > 20, `only ${kills.length} kills`);
      const wrong: string[] = [];
      await inLanes(kills, async (kill) => {
        const ended = await killAt(box, wordsOf(box), kill);
        const problem = ended === undefined
          ? undefined
          : "problem" in ended
          ? ended.problem
          : ended.code === 0 && kill.victim !== "client"
          ? "nobody noticed"
          : undefined;
        if (problem !== undefined) wrong.push(`${describe(kill)}: ${problem}`);
      });
      // The next command removes what a killed one has left.
      await box.run("list", "-a");
      deepEqual(wrong, []);
    },
  });
}

/** Says what is not as it should be. */
function problemOf({ code, stdout, stderr }: Ran, call: PlannedCall, steps: number): string | undefined {
  const own = stderr.replaceAll(/^new[ug]idmap: .*\n/gm, "").replaceAll(
    /\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g,
    "{id}",
  );
  const seen = `${code} ${JSON.stringify(stdout)} ${JSON.stringify(own)}`;
  const whole = "out\r\nerr\r\n";
  // Whoever can't wait for the end of myctr takes it for gone: the log still has what is written.
  if (call.actor === "guard" && call.name === "ppoll") return code === 0 && own === "" ? undefined : seen;
  if (call.failure === "ignore") return code === 0 && stdout === whole && own === "" ? undefined : seen;
  // Where nothing more can be written here, the terminal is hung up, and the log still has what was written.
  if (call.name === "write" && call.actor === "stdout relay") {
    return [0, 137].includes(code) && stdout === "" && own === "" ? undefined : seen;
  }
  // Reading by that errno is the end of file of a terminal.
  if (call.name === "read" && call.actor === "stdout relay") {
    return code === 0 && own === "" ? undefined : seen;
  }
  const told = `myctr: Cannot ${call.label}\n  step  ${call.step} of ${steps}\n  call  ${call.text} = EIO\n`;
  const isLate = THREADS.includes(call.actor);
  return code === 125 && (isLate ? own.includes(told) : own.startsWith(told) && stdout === "")
    ? undefined
    : seen;
}
