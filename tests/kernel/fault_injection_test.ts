/**
 * Every call of a plan in which almost everything occurs fails in turn: the message says what could not be done, the
 * code is right, nothing is left.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox, type Ran, USERS } from "./box.ts";
import {
  fullRun,
  inLanes,
  joiningRun,
  otherCalls,
  planCalls,
  type PlannedCall,
  sharing,
  startOther,
} from "./robust_harness.ts";

/** Each stream carries something, so that each relay makes each of its calls. */
const SCRIPT = "cat; echo out; echo err >&2";
const STDIN = "in\n";

for (const { user, needs } of USERS) {
  Deno.test({
    ...requires(
      `fault injection: each call that fails is reported, and leaves nothing, as ${user}`,
      ...needs,
    ),
    async fn() {
      await using box = await openBox({ user });
      const words = fullRun(box, "/bin/sh", "-c", SCRIPT);
      const calls = await planCalls(box, words);
      const wrong: string[] = [];
      ok(calls.length > 200, `a full plan has only ${calls.length} calls`);
      const isMine = await sharing(box, words, calls);
      await inLanes(calls.filter((call) => isMine(call, "fails")), async (call) => {
        const problem = problemOf(await runFailing(box, words, call.number), call, calls.at(-1)!.step);
        if (problem !== undefined) wrong.push(`#${call.number} ${call.actor}: ${call.text}: ${problem}`);
      });
      const left = await box.settle();
      // Before the box is closed, which has its own words for what is left.
      if (wrong.length + left.length > 0) await Deno.stderr.write(encode([...wrong, ...left].join("\n")));
      deepEqual([...wrong, ...left], []);
    },
  });

  if (user !== "root") continue;
  Deno.test({
    ...requires(
      "fault injection: each call that fails is reported, where another container is joined",
      ...needs,
    ),
    async fn() {
      await using box = await openBox();
      await using other = await startOther(box);
      const words = joiningRun(box, "/bin/sh", "-c", SCRIPT);
      const calls = await planCalls(box, words);
      // The others fail above.
      const joining = otherCalls(calls, await planCalls(box, fullRun(box, "/bin/sh", "-c", SCRIPT)));
      ok(joining.length > 20, `joining takes only ${joining.length} calls`);
      const wrong: string[] = [];
      await inLanes(joining, async (call) => {
        const problem = problemOf(await runFailing(box, words, call.number), call, calls.at(-1)!.step);
        if (problem !== undefined) wrong.push(`#${call.number} ${call.actor}: ${call.text}: ${problem}`);
      });
      await box.run("rm", "-f", "other");
      await other.ended;
      deepEqual(wrong, []);
    },
  });
}

for (const { user, needs } of USERS) {
  for (const { errno, code } of [{ errno: "ENOENT", code: 127 }, { errno: "EACCES", code: 126 }]) {
    Deno.test({
      ...requires(`fault injection: execve that fails with ${errno} gives ${code}, as ${user}`, ...needs),
      async fn() {
        await using box = await openBox({ user });
        const ran = await box.inside("--fail-step", `run /bin/true=${errno}`, "/bin/true");
        equal(ran.code, code);
        ok(ran.stderr.startsWith('myctr: Cannot run "/bin/true"'), ran.stderr);
        equal(ran.stdout, "");
      },
    });
  }
}

/** Runs with one call failing, its standard input sent. */
async function runFailing(box: Box, words: readonly string[], number: number): Promise<Ran> {
  const [run = "", ...rest] = words;
  const ran = await box.exec(box.command(run, "--fail-step", `#${number}=EIO`, ...rest), { stdin: STDIN });
  // The id helpers complain in their own words about a process that has ended.
  const own = ran.stderr.replaceAll(/^new[ug]idmap: .*\n/gm, "");
  return { ...ran, stderr: own.replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, "{id}") };
}

/** Says what is not as it should be. */
function problemOf(ran: Ran, call: PlannedCall, steps: number): string | undefined {
  const { code, stdout, stderr } = ran;
  const seen = `${code} ${JSON.stringify(stdout)} ${JSON.stringify(stderr)}`;
  const isWhole = code === 0 && stdout === "in\nout\n" && stderr === "err\n";
  if (call.failure === "attempt" && call.name !== "execve") {
    const note = `myctr: note: cannot ${call.label} (EIO): the container goes on without\n`;
    return code === 0 && stdout === "in\nout\n" && stderr === `${note}err\n` ? undefined : seen;
  }
  if (call.failure === "attempt") {
    return code === 126 && stdout === "" && stderr.startsWith('myctr: Cannot run "/bin/sh": EIO\n')
      ? undefined
      : seen;
  }
  // Nobody waited for a stream: what the command wrote last may be missing.
  if (call.name === "futex") {
    return code === 0 && "in\nout\n".startsWith(stdout) && "err\n".startsWith(stderr) ? undefined : seen;
  }
  if (call.failure === "ignore") {
    // What was to be made is missed by the next call, of the same operation.
    const isMissed = code === 125 && stdout === "" && stderr.startsWith(`myctr: Cannot ${call.label}\n`);
    const makes = call.name.startsWith("mk") || call.text.includes("O_CREAT|O_EXCL");
    return isWhole || isMissed && makes ? undefined : seen;
  }
  const told = `myctr: Cannot ${call.label}\n  step  ${call.step} of ${steps}\n  call  ${call.text} = EIO\n`;
  // The command may run already when a relay stops, or when its monitor does.
  const isLate = call.actor.endsWith("relay") || LATE.has(call.label);
  const isTold = isLate ? stderr.includes(told) : stdout === "" && stderr.startsWith(told);
  return code === 125 && isTold ? undefined : seen;
}

const LATE = new Set(["see the command take over", "wait for the container"]);

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}
