import { deepEqual, equal, throws } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import * as descriptor from "./descriptor.ts";
import { Fd } from "./fd.ts";
import { syscall } from "./syscall.ts";
import { failure, outcome, success, unwrap } from "./outcome.ts";

const text = new TextEncoder();

Deno.test("openPipe() carries bytes and closes both ends", () => {
  const pipe = unwrap(descriptor.openPipe(), "pipe2");
  {
    using closed = pipe;
    unwrap(descriptor.writeAll(closed.writer.number, text.encode("hello")), "write");
    equal(unwrap(descriptor.read(closed.reader.number, new Uint8Array(16)), "read"), 5);
    equal(unwrap(descriptor.isCloseOnExec(closed.reader.number), "fcntl"), true);
  }
  deepEqual([pipe.reader.isOpen, pipe.writer.isOpen], [false, false]);
});

Deno.test("outcome() has the errno of the very first call of a symbol", () => {
  deepEqual(outcome(syscall("ftruncate", -1, 0)), failure(ERRNO.EBADF));
});

Deno.test("readAsync() waits without stopping the event loop", async () => {
  using pipe = unwrap(descriptor.openPipe(), "pipe2");
  const buffer = new Uint8Array(4);
  const reading = descriptor.readAsync(pipe.reader.number, buffer);
  await new Promise((done) => setTimeout(done, 5));
  unwrap(descriptor.writeAll(pipe.writer.number, text.encode("ab")), "write");
  deepEqual(await reading, success(2));
  deepEqual([...buffer], [0x61, 0x62, 0, 0]);
});

Deno.test("readAsync() gives the errno of a failure", async () => {
  deepEqual(await descriptor.readAsync(-1, new Uint8Array(1)), failure(ERRNO.EBADF));
});

for (const maxBytes of [9_999, 10_000, 20_000]) {
  Deno.test(`readAll() of 10000 bytes with a bound of ${maxBytes}`, () => {
    using pipe = unwrap(descriptor.openPipe(), "pipe2");
    const sent = new Uint8Array(10_000).map((_, index) => index);
    unwrap(descriptor.writeAll(pipe.writer.number, sent), "write");
    pipe.writer[Symbol.dispose]();
    const got = descriptor.readAll(pipe.reader.number, maxBytes);
    deepEqual(got, maxBytes < 10_000 ? failure(ERRNO.EFBIG) : { ok: true, value: sent });
  });
}

Deno.test("setNonblocking() makes an empty pipe give EAGAIN", () => {
  using pipe = unwrap(descriptor.openPipe(), "pipe2");
  unwrap(descriptor.setNonblocking(pipe.reader.number, true), "fcntl");
  deepEqual(descriptor.read(pipe.reader.number, new Uint8Array(1)), failure(ERRNO.EAGAIN));
});

Deno.test("dup() copies to a number not below the one asked for", () => {
  using pipe = unwrap(descriptor.openPipe(), "pipe2");
  using copy = unwrap(descriptor.dup(pipe.reader.number, 100), "fcntl");
  equal(copy.number >= 100, true);
});

Deno.test("Fd refuses use after release and after close", () => {
  const pipe = unwrap(descriptor.openPipe(), "pipe2");
  const number = pipe.reader.release();
  throws(() => pipe.reader.number, TypeError);
  const again = new Fd(number);
  again[Symbol.dispose]();
  again[Symbol.dispose]();
  equal(again.isOpen, false);
  pipe.writer[Symbol.dispose]();
  throws(() => new Fd(-1), TypeError);
});
