/**
 * Locks are waited for in one order, so that nobody waits for ever: the end of a container's life, its turn, the names.
 * Only what is waited for counts: who merely tries a lock holds up nobody.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { openBox } from "./box.ts";

/** The files that are locked, from the first to the last. */
const ORDER = ["lock", "state.lock", "names"] as const;

const COMMANDS: readonly (readonly string[])[] = [
  ["run", "--rm", "--name", "a", "--rootfs", "ROOT", "true"],
  ["run", "-d", "--name", "a", "--rootfs", "ROOT", "sleep", "100"],
  ["create", "--name", "b", "--rootfs", "ROOT", "sleep", "100"],
  ["start", "b", "a"],
  ["rename", "b", "c"],
  ["exec", "a", "true"],
  ["stop", "-t", "0", "a", "c"],
  ["restart", "-t", "0", "a"],
  ["kill", "a"],
  ["wait", "a", "c"],
  ["list", "-a"],
  ["start", "a", "c"],
  ["run", "-d", "--replace", "--name", "c", "--rootfs", "ROOT", "sleep", "100"],
  ["rm", "-f", "a", "c"],
  ["container", "prune", "-f"],
];

/** What a line of `strace -f -y` says of a lock. */
interface Step {
  readonly thread: string;
  readonly path: string;
  readonly kind: "wait" | "take" | "give";
}

/** Reads who waits for, takes and gives back which lock. */
function readSteps(log: string, state: string): Step[] {
  return log.split("\n").flatMap((line): Step[] => {
    const [, thread = "", call = "", given = "", flags = ""] =
      /^(\d+) +(flock|close)\(\d+<([^>]*)>(?:\(deleted\))?(?:, ([A-Z_|]+))?/.exec(line) ?? [];
    if (!given.startsWith(`${state}/`)) return [];
    // While a container is made, and when it is removed, its files are in other places.
    const path = given.replace("/trash/", "/containers/").replace("/.new-", "/").replace(/ \(deleted\)$/, "");
    if (call === "close" || flags.includes("LOCK_UN")) return [{ thread, path, kind: "give" }];
    return [{ thread, path, kind: flags.includes("LOCK_NB") ? "take" : "wait" }];
  });
}

const rank = (path: string) => ORDER.findIndex((name) => path.endsWith(`/${name}`));

/** Lists who waits for a lock that stands before one that is held already. */
function outOfOrder(steps: readonly Step[]): string[] {
  const held = new Set<string>();
  return steps.flatMap(({ path, kind }) => {
    if (rank(path) < 0) return [];
    const wrong = kind === "wait"
      ? [...held].filter((other) => other !== path && rank(other) >= rank(path))
      : [];
    if (kind === "give") held.delete(path);
    else held.add(path);
    return wrong.map((other) => `waits for ${path} with ${other}`);
  });
}

Deno.test({
  ...requires(
    "lock order: no command waits for a lock that stands before one it holds",
    "root",
    "busybox",
    "strace",
  ),
  async fn() {
    await using box = await openBox();
    const seen = new Set<string>();
    for (const words of COMMANDS) {
      const path = `${box.directory}/strace`;
      const command = box.command(...words.map((word) => word === "ROOT" ? box.rootfs : word));
      const strace = ["strace", "-f", "-y", "-qq", "-b", "execve", "-e", "trace=flock,close", "-o", path];
      const ran = await box.exec([...strace, ...command]);
      ok(ran.code === 0, `${words.join(" ")}: ${ran.code} ${ran.stderr}`);
      // What one process holds, all its threads hold; those of other processes are told apart by what they are about.
      const steps = readSteps(await Deno.readTextFile(path), box.state);
      for (const { path } of steps) if (rank(path) >= 0) seen.add(ORDER[rank(path)]!);
      equal(outOfOrder(steps).map((text) => `${words.join(" ")}: ${text}`).join("\n"), "");
    }
    deepEqual([...seen].sort(), [...ORDER].sort());
  },
});

const [TURN, LIFE, NAMES] = ["/s/containers/1/state.lock", "/s/containers/1/lock", "/s/names"] as const;
const LOGS: readonly { readonly lines: readonly string[]; readonly wrong: number }[] = [
  { lines: [`1 flock(3<${TURN}>, LOCK_EX) = 0`, `1 flock(4<${NAMES}>, LOCK_EX) = 0`], wrong: 0 },
  { lines: [`1 flock(4<${NAMES}>, LOCK_EX) = 0`, `1 flock(3<${TURN}>, LOCK_EX) = 0`], wrong: 1 },
  { lines: [`1 flock(4<${NAMES}>, LOCK_EX) = 0`, `1 flock(3<${TURN}>, LOCK_EX|LOCK_NB) = 0`], wrong: 0 },
  {
    lines: [
      `1 flock(4<${LIFE}>, LOCK_EX) = 0`,
      `1 close(4<${LIFE}>) = 0`,
      `1 flock(3<${TURN}>, LOCK_EX) = 0`,
    ],
    wrong: 0,
  },
  {
    lines: [`1 flock(3<${TURN}>, LOCK_EX) = 0`, `1 flock(4<${TURN.replace("1", "2")}>, LOCK_EX) = 0`],
    wrong: 1,
  },
];

for (const { lines, wrong } of LOGS) {
  Deno.test(`outOfOrder() finds ${wrong} in ${lines.join("; ")}`, () => {
    equal(outOfOrder(readSteps(lines.join("\n"), "/s")).length, wrong);
  });
}
