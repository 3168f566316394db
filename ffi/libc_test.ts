/** Tests of the bare system call: its result is the kernel's, here and on another thread. */

import { deepEqual, equal } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import { failure, outcome } from "./outcome.ts";
import { syscall, syscallAsync } from "./syscall.ts";

Deno.test("syscall() gives the kernel's result, with memory that is written and read", () => {
  const random = new Uint8Array(64);
  equal(syscall("getpid"), Deno.pid);
  equal(syscall("getrandom", random, random.length, 0), 64);
  equal(random.some((byte) => byte !== 0), true);
});

Deno.test("syscall() passes all six arguments", () => {
  const page = 4096;
  const [readWrite, privateAnonymous] = [3, 0x22];
  const address = syscall("mmap", null, page, readWrite, privateAnonymous, -1, 0);
  equal(address > 0 && address % page, 0);
  // The sixth argument has to be a multiple of the page's size.
  equal(syscall("mmap", null, page, readWrite, privateAnonymous, -1, 1), -ERRNO.EINVAL);
});

Deno.test("syscall(): no errno of 40,000 is another call's, whatever V8 does between them", () => {
  const garbage: unknown[] = [];
  let wrong = 0;
  for (let call = 0; call < 20_000; call++) {
    if (syscall("close", -1) !== -ERRNO.EBADF) wrong++;
    garbage.push(new Array(call % 50));
    // Nothing is mapped at address 1.
    if (syscall("chdir", 1) !== -ERRNO.EFAULT) wrong++;
  }
  equal(wrong, 0);
});

Deno.test("syscallAsync() tells the errno of a call on another thread", async () => {
  deepEqual(outcome(await syscallAsync("close", -1)), failure(ERRNO.EBADF));
  equal(await syscallAsync("getpid"), Deno.pid);
});
