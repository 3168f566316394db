/** Frames of a log, read while it is written: random ones, new files in between, torn ends, bytes that were lost. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { FRAME, LOG_HEAD_SIZE, LOG_LOST_OFFSET, LOG_MAGIC } from "../plan/frame.ts";
import { LogStream, type Loss } from "./log_stream.ts";

/** Gives numbers from 0 to 1 that look random and are the same for the same seed. Source: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes a log as a relay does. */
class Relay implements Disposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "myctr-log-" });
  readonly #path = `${this.directory}/logs/stdout`;
  readonly #maxFiles: number;
  #file: Deno.FsFile;
  #lost = 0;
  #second = 1_700_000_000;

  constructor(maxFiles: number) {
    this.#maxFiles = maxFiles;
    Deno.mkdirSync(`${this.directory}/logs`);
    this.#file = this.#begin();
  }

  #begin(): Deno.FsFile {
    const file = Deno.openSync(`${this.#path}.new`, { create: true, write: true, truncate: true });
    file.writeSync(new TextEncoder().encode(LOG_MAGIC));
    file.writeSync(new Uint8Array(LOG_HEAD_SIZE - LOG_MAGIC.length));
    for (let age = this.#maxFiles - 2; age >= 0; age--) this.#rename(this.#name(age), this.#name(age + 1));
    this.#rename(`${this.#path}.new`, this.#path);
    return file;
  }

  #rename(from: string, to: string): void {
    try {
      Deno.renameSync(from, to);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #name(age: number): string {
    return age === 0 ? this.#path : `${this.#path}.${age}`;
  }

  frame(content: Uint8Array): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(FRAME.size + content.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(FRAME.time, BigInt(this.#second++), true);
    view.setBigUint64(FRAME.length, BigInt(content.length), true);
    view.setBigUint64(FRAME.value, BigInt(this.#lost), true);
    bytes.set(content, FRAME.size);
    return bytes;
  }

  write(content: Uint8Array): void {
    this.writeBytes(this.frame(content));
  }

  writeBytes(bytes: Uint8Array): void {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#file.writeSync(rest));
  }

  /** As on a full disk: a part is written, and taken back. */
  lose(content: Uint8Array, between: () => void): void {
    const size = this.#file.seekSync(0, Deno.SeekMode.Current);
    this.writeBytes(this.frame(content).subarray(0, Math.floor(content.length / 2)));
    between();
    this.#file.truncateSync(size);
    this.#lost += content.length;
    const word = new Uint8Array(8);
    new DataView(word.buffer).setBigUint64(0, BigInt(this.#lost), true);
    this.#file.seekSync(LOG_LOST_OFFSET, Deno.SeekMode.Start);
    this.writeBytes(word);
    this.#file.seekSync(size, Deno.SeekMode.Start);
  }

  rotate(): void {
    this.#file.close();
    this.#file = this.#begin();
    this.#lost = 0;
  }

  open(): LogStream {
    return new LogStream({ directory: this.directory, name: "stdout", maxFiles: this.#maxFiles });
  }

  [Symbol.dispose](): void {
    this.#file.close();
    Deno.removeSync(this.directory, { recursive: true });
  }
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

function randomBytes(random: () => number, most: number): Uint8Array {
  return Uint8Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * 256));
}

for (let seed = 1; seed <= 40; seed++) {
  Deno.test(`LogStream reads what a relay writes, new files and full disks included, seed ${seed}`, () => {
    const random = chance(seed);
    const maxFiles = 2 + Math.floor(random() * 3);
    using relay = new Relay(maxFiles);
    using stream = relay.open();
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
  using relay = new Relay(2);
  using stream = relay.open();
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
  using relay = new Relay(2);
  relay.write(Uint8Array.of(1));
  using stream = relay.open();
  stream.freeze();
  relay.write(Uint8Array.of(2));
  deepEqual(drain(stream), [1]);
  stream.release();
  deepEqual(drain(stream), [2]);
});

for (const kept of [0, 1, FRAME.length, FRAME.size - 1, FRAME.size, FRAME.size + 3]) {
  Deno.test(`LogStream leaves out a frame that was torn after ${kept} bytes, and tells what is missing`, () => {
    using relay = new Relay(2);
    relay.write(Uint8Array.of(1));
    relay.writeBytes(relay.frame(new Uint8Array(10)).subarray(0, kept));
    using stream = relay.open();
    deepEqual(drain(stream), [1]);
    stream.finish({ isEnded: true });
    // Before its length is written nobody knows it.
    deepEqual(stream.takeLosses(), kept >= FRAME.length + 8 ? [10] : []);
  });
}

Deno.test("LogStream tells at the end what was lost behind the last frame", () => {
  using relay = new Relay(2);
  relay.write(Uint8Array.of(1));
  relay.lose(new Uint8Array(5), () => {});
  using stream = relay.open();
  deepEqual(drain(stream), [1]);
  stream.finish({ isEnded: true });
  deepEqual(stream.takeLosses(), [5]);
});

Deno.test("LogStream refuses what is no log", () => {
  using relay = new Relay(2);
  Deno.writeTextFileSync(`${relay.directory}/logs/stdout`, "myctr 9\nsomething else");
  throws(() => relay.open(), { code: "unsupported" });
});

Deno.test("LogStream of a container that never wrote has nothing", () => {
  using stream = new LogStream({ directory: "/nowhere", name: "stdout", maxFiles: 2 });
  equal(stream.peek(), undefined);
  stream.look();
  stream.finish({ isEnded: true });
  deepEqual(stream.takeLosses(), []);
});
