/**
 * Times beside other runtimes: `deno task bench [ROUNDS [WORD]]`, after `deno task build`; a word of titles chooses.
 *
 * One row is the whole command as a shell would wait for it. All contenders take turns within each round, so that a
 * busy minute of the machine meets all of them alike; medians are compared. Each round has another order, and a pause
 * stands before each command: what one leaves for the kernel to take down must not be the next one's loss. What is not
 * installed is said, not guessed.
 */

import { type Contender, contenders } from "./contenders.ts";
import { makeWorld, type World } from "./world.ts";

const PAUSE_MS = 50;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

interface Row {
  readonly contender: Contender;
  readonly timesMs: number[];
}

function timeOnce({ before, after, ...contender }: Contender): number {
  if (before !== undefined) timeCommand({ ...contender, command: before });
  const elapsed = timeCommand(contender);
  if (after !== undefined) timeCommand({ ...contender, command: after });
  return elapsed;
}

function timeCommand({ command, user }: Pick<Contender, "command" | "user">): number {
  const [program = "", ...args] = command;
  const as = user === undefined ? {} : { ...user, clearEnv: true, cwd: "/" };
  const start = performance.now();
  const { code, stderr } = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...as,
  }).outputSync();
  const elapsed = performance.now() - start;
  if (code === 0) return elapsed;
  throw new Error(`${command.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
}

/** Warms up: of files and compiled code. A peer that does not run on this machine is said, ours must. */
function works(contender: Contender): boolean {
  try {
    for (let turn = 0; turn < 3; turn++) timeOnce(contender);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || contender.name.startsWith("myctr")) throw error;
    say(`not measured, since it fails here: ${contender.name}\n  ${error.message.trim()}`);
    return false;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function measure(group: readonly Contender[], rounds: number): Row[] {
  const rows = group.filter(works).map((contender) => ({ contender, timesMs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const row of shuffled(rows)) {
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS);
      row.timesMs.push(timeOnce(row.contender));
    }
  }
  return rows;
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const mixed = items.slice();
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

function print(title: string, rows: readonly Row[]): void {
  const ours = rows.find(({ contender }) => contender.isOurs);
  const own = ours === undefined ? NaN : median(ours.timesMs);
  say(`\n${title}\n${"".padEnd(46)}  median ms    min    max  myctr is`);
  for (const { contender, timesMs } of rows) {
    const middle = median(timesMs);
    const numbers = [middle, Math.min(...timesMs), Math.max(...timesMs)].map((ms) =>
      ms.toFixed(1).padStart(6)
    );
    const ratio = contender.isOurs ? "" : `${(own / middle).toFixed(2)} x`;
    say(`${contender.name.padEnd(46)}     ${numbers.join(" ")}  ${ratio}`);
  }
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

async function run(world: World, rounds: number, wanted: string): Promise<void> {
  for (const { title, group, missing, mostRounds = rounds } of await contenders(world)) {
    if (!title.includes(wanted)) continue;
    for (const name of missing) say(`not measured, since it is not installed: ${name}`);
    const count = Math.min(rounds, mostRounds);
    print(`${title}, ${count} rounds`, measure(group, count));
  }
}

if (import.meta.main) {
  using world = makeWorld();
  const [rounds = "30", wanted = ""] = Deno.args;
  await run(world, Number(rounds), wanted);
}
