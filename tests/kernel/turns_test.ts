/** Many commands at once on the same containers: each ends, none leaves anything wrong. */

import { deepEqual, equal } from "node:assert/strict";
import { readIfThere } from "../setup/needs.ts";
import { type Box, USERS } from "./box.ts";
import { sleep } from "./robust_harness.ts";
import { testerFor } from "./test_in_box.ts";

const CLIENTS = 8;
const CONTAINERS = 20;
const IS_QUICK = Deno.env.get("MYCTR_QUICK") !== undefined;
const ROUNDS = IS_QUICK ? 10 : 45;

/** A small generator of numbers, the same ones for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = state * 1664525 + 1013904223 >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const SCRIPT = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

/** One command of a client, on the container of a number; it may have either of two names. */
function commandOf(box: Box, next: (below: number) => number): string[] {
  const number = next(CONTAINERS);
  const [name, other] = next(2) === 0 ? [`c${number}`, `d${number}`] : [`d${number}`, `c${number}`];
  const detached = ["--name", name, "--rootfs", box.rootfs, "sh", "-c", SCRIPT];
  const failing = ["--name", name, "--rootfs", box.rootfs, "false"];
  const all = [
    ["create", ...detached],
    ["run", "-d", "--rm", ...detached],
    ["run", "-d", "--restart", "on-failure:2", ...failing],
    ["update", "--restart", "on-failure:1", name],
    ["update", "--restart", "no", name],
    ["start", name],
    ["start", name],
    ["stop", "-t", "0", name],
    ["stop", "-t", "5", name],
    ["kill", name],
    ["restart", "-t", "0", name],
    ["rename", name, other],
    ["rename", name, other],
    ["rm", name],
    ["rm", "-f", name],
    ["list", "-a", "-q"],
  ];
  return all[next(all.length)]!;
}

/**
 * What is wrong with how a command ended. What it was asked may have been impossible, and a start may have been killed at
 * any step by another one's rm -f.
 */
function wrongWith(words: readonly string[], { code, stderr }: { code: number; stderr: string }): string[] {
  const isPlain = stderr.split("\n").every((line) =>
    /^(|myctr: (Cannot|note:) .*| {2}(hint|also|step|call) .*)$/.test(line)
  );
  return isPlain && (code === 0 || stderr !== "") ? [] : [`${words.join(" ")}: ${code} ${stderr}`];
}

for (const user of USERS) {
  testerFor("turns", user)(`${CLIENTS} clients on the same ${CONTAINERS} containers`, async (box) => {
    const wrong = (await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        const next = random(client + 1);
        const found: string[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const words = commandOf(box, next);
          found.push(...wrongWith(words, await box.run(...words)));
        }
        return found;
      }),
    )).flat();
    // What was to be started again has been, or has given up, after at most 100 and 200 ms and the starts.
    await sleep(2000);
    const listed = await box.run("list", "-aq", "--no-trunc");
    const ids = listed.stdout.split("\n").filter(Boolean);
    const [names, containers] = [namesAndIds(box), box.containers()];
    deepEqual([listed.code, listed.stderr], [0, ""]);
    deepEqual(wrong, []);
    deepEqual(names, containers.map(({ id, name }) => `${name} ${id}`).sort());
    deepEqual(containers.map(({ id }) => id).sort(), ids.sort());
    if (ids.length > 0) equal((await box.run("rm", "-f", ...ids)).code, 0);
    deepEqual(await box.settle(), []);
  });
}

/** Each name that is taken, and whose it is. */
function namesAndIds(box: Box): string[] {
  const names = Array.from(Deno.readDirSync(`${box.state}/names`), ({ name }) => name);
  return names.map((name) => `${name} ${readIfThere(`${box.state}/names/${name}`)}`).sort();
}
