/** Frames of a log, read while it is written: random ones, new files in between, torn ends, bytes that were lost. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { FRAME } from "../plan/frame.ts";
import { chance } from "../../tests/chance.ts";
import { randomBytes, SampleRelay } from "./_sample_relay.ts";
import { LogStream, type Loss } from "./log_stream.ts";

function open({ directory, maxFiles }: SampleRelay): LogStream {
  return new LogStream({ directory, name: "stdout", maxFiles });
}

/** Takes all that is there: bytes, and losses between. */
function drain(stream: LogStream): (number | string)[] {
  const told: (number | string)[] = [];
  for (let frame = stream.peek(); frame !== undefined; frame = stream.peek()) {
    told.push(...lossesOf(stream.takeLosses()), ...frame.content);
    stream.take();
  }
  return told;
}

function lossesOf(losses: readonly Loss[]): string[] {
  return losses.map((loss) => `lost ${loss}`);
}

for (let seed = 1; seed <= 40; seed++) {
  Deno.test(`LogStream reads what a relay writes, new files and full disks included, seed ${seed}`, () => {
    const random = chance(seed);
    const maxFiles = 2 + Math.floor(random() * 3);
    using relay = new SampleRelay(maxFiles);
    using stream = open(relay);
    const [written, read]: (number | string)[][] = [[], []];
    let renamed = 0;
    const follow = () => {
      stream.look();
      read!.push(...drain(stream));
      renamed = 0;
    };
    for (let step = 0; step < 60; step++) {
      const kind = random();
      const content = randomBytes(random, kind < 0.1 ? 70_000 : 200);
      if (kind < 0.15) {
        relay.lose(content, () => random() < 0.5 && follow());
        relay.write(Uint8Array.of(7));
        written!.push(`lost ${content.length}`, 7);
      } else if (kind < 0.3 && renamed < maxFiles - 1) {
        relay.rotate();
        renamed++;
      } else {
        relay.write(content);
        written!.push(...content);
      }
      if (random() < 0.3) follow();
    }
    follow();
    deepEqual(read, written);
  });
}

Deno.test("LogStream tells that it came too late for a file", () => {
  using relay = new SampleRelay(2);
  using stream = open(relay);
  relay.write(Uint8Array.of(1));
  deepEqual(drain(stream), [1]);
  for (const byte of [2, 3, 4]) {
    relay.rotate();
    relay.write(Uint8Array.of(byte));
  }
  stream.look();
  deepEqual(drain(stream), ["lost unknown", 3, 4]);
});

Deno.test("LogStream, frozen, gives what was there, and the rest when it is released", () => {
  using relay = new SampleRelay(2);
  relay.write(Uint8Array.of(1));
  using stream = open(relay);
  stream.freeze();
  relay.write(Uint8Array.of(2));
  deepEqual(drain(stream), [1]);
  stream.release();
  deepEqual(drain(stream), [2]);
});

for (const kept of [0, 1, FRAME.length, FRAME.size - 1, FRAME.size, FRAME.size + 3]) {
  Deno.test(`LogStream leaves out a frame that was torn after ${kept} bytes, and tells what is missing`, () => {
    using relay = new SampleRelay(2);
    relay.write(Uint8Array.of(1));
    relay.writeBytes(relay.frame(new Uint8Array(10)).subarray(0, kept));
    using stream = open(relay);
    deepEqual(drain(stream), [1]);
    stream.finish({ isEnded: true });
    // Before its length is written nobody knows it.
    deepEqual(stream.takeLosses(), kept >= FRAME.length + 8 ? [10] : []);
  });
}

Deno.test("LogStream tells at the end what was lost behind the last frame", () => {
  using relay = new SampleRelay(2);
  relay.write(Uint8Array.of(1));
  relay.lose(new Uint8Array(5), () => {});
  using stream = open(relay);
  deepEqual(drain(stream), [1]);
  stream.finish({ isEnded: true });
  deepEqual(stream.takeLosses(), [5]);
});

Deno.test("LogStream refuses what is no log", () => {
  using relay = new SampleRelay(2);
  Deno.writeTextFileSync(`${relay.directory}/logs/stdout`, "myctr 9\nsomething else");
  throws(() => open(relay), { code: "unsupported" });
});

Deno.test("LogStream of a container that never wrote has nothing", () => {
  using stream = new LogStream({ directory: "/nowhere", name: "stdout", maxFiles: 2 });
  equal(stream.peek(), undefined);
  stream.look();
  stream.finish({ isEnded: true });
  deepEqual(stream.takeLosses(), []);
});
