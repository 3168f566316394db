/** How much memory it takes to pull and to look through a layer that is much larger. */

import { equal, ok } from "node:assert/strict";
import { requires } from "../setup/requirements.ts";
import { type Box, openBox } from "../kernel/box.ts";
import { peakOf } from "../kernel/memory.ts";
import { sleep } from "../kernel/robust_harness.ts";
import { digestOf, FakeRegistry } from "./fake_registry.ts";
import { done } from "./image_box.ts";
import { makeLayer } from "./image_maker.ts";

const LAYER_MIB = 200;
const MOST_KIB = 150 * 1024;

Deno.test({
  ...requires(
    `memory: a layer of ${LAYER_MIB} MiB is pulled and checked in less than 150 MiB`,
    "root",
    "tar",
  ),
  async fn() {
    await using box = await openBox();
    await using registry = new FakeRegistry();
    // In memory: the disk would only take time.
    const state = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "myctr-memory-" });
    try {
      const layer = await makeLarge(`${state}/large`);
      const packed = new Uint8Array(await new Response(compressed(layer)).arrayBuffer());
      const diffIds = [await digestOf(layer)];
      await registry.add({ repository: "large", tag: "plain", layers: [layer] });
      await registry.add({ repository: "large", tag: "gzip", layers: [packed], diffIds });
      for (const tag of ["plain", "gzip"]) {
        const name = `${registry.host}/large:${tag}`;
        for (const words of [["pull", "-q", name], ["system", "check"]]) {
          const peak = await peakOfRun(box, ["--root", `${state}/${tag}`, ...words]);
          ok(peak > 0 && peak < MOST_KIB, `${words.join(" ")}: ${peak} KiB`);
        }
        await done(box.run("--root", `${state}/${tag}`, "rmi", name));
      }
    } finally {
      await Deno.remove(state, { recursive: true });
    }
  },
});

/** Packs files that nothing makes smaller. */
async function makeLarge(directory: string): Promise<Uint8Array<ArrayBuffer>> {
  await Deno.mkdir(directory);
  const piece = new Uint8Array(64 * 1024);
  for (let file = 0; file < LAYER_MIB / 8; file++) {
    using large = await Deno.open(`${directory}/${file}`, { write: true, create: true });
    for (let count = 0; count < 128; count++) large.writeSync(crypto.getRandomValues(piece));
  }
  const layer = await makeLayer({ directory });
  await Deno.remove(directory, { recursive: true });
  return layer;
}

function compressed(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
}

/** The most that a command had in memory, in KiB: what it last said of that while it lived. */
async function peakOfRun(box: Box, words: readonly string[]): Promise<number> {
  const command = box.spawn(box.command(...words), { timeoutMs: 120_000 });
  let peak = 0;
  let isOver = false;
  const ended = command.ended.finally(() => isOver = true);
  while (!isOver) {
    peak = Math.max(peak, peakOf(command.pid));
    await sleep(2);
  }
  const { code, stderr } = await ended;
  equal(code, 0, stderr);
  return peak;
}
