import { deepEqual, equal } from "node:assert/strict";
import { FRAME } from "../plan/frame.ts";
import { SampleRelay } from "./_sample_relay.ts";
import { LogStream } from "./log_stream.ts";
import { repairLog } from "./repair_logs.ts";

/** All bytes and losses of a log. */
function read({ directory, maxFiles }: SampleRelay): (number | string)[] {
  using stream = new LogStream({ directory, name: "stdout", maxFiles });
  const told: (number | string)[] = [];
  for (let frame = stream.peek(); frame !== undefined; frame = stream.peek()) {
    told.push(...stream.takeLosses().map((loss) => `lost ${loss}`), ...frame.content);
    stream.take();
  }
  stream.finish({ isEnded: true });
  return [...told, ...stream.takeLosses().map((loss) => `lost ${loss}`)];
}

for (const torn of [0, 5, FRAME.size, FRAME.size + 4]) {
  Deno.test(`repairLog() makes a log whole that ends with ${torn} bytes of a frame, and keeps what is missing`, () => {
    using relay = new SampleRelay(2);
    const path = `${relay.directory}/logs/stdout`;
    relay.write(Uint8Array.of(1));
    relay.lose(new Uint8Array(3), () => {});
    relay.writeBytes(relay.frame(new Uint8Array(10)).subarray(0, torn));
    repairLog(path);
    relay.restart();
    const missing = torn >= FRAME.size ? 13 : 3;
    deepEqual(read(relay), [1, `lost ${missing}`]);
    relay.write(Uint8Array.of(2));
    relay.lose(new Uint8Array(2), () => {});
    deepEqual(read(relay), [1, `lost ${missing}`, 2, "lost 2"]);
  });
}

Deno.test("repairLog() leaves a whole log as it is, and removes one without a head", () => {
  using relay = new SampleRelay(2);
  const path = `${relay.directory}/logs/stdout`;
  relay.write(Uint8Array.of(1));
  const before = Deno.readFileSync(path);
  repairLog(path);
  deepEqual(Deno.readFileSync(path), before);
  Deno.truncateSync(path, 7);
  repairLog(path);
  equal(Array.from(Deno.readDirSync(`${relay.directory}/logs`)).length, 0);
  repairLog(path);
});
