/** Tests of libc: errno is that of the call before it, whichever way the call was made. */

import { equal } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import { compile, lastErrno, libc } from "./libc.ts";
import { syscallNumber } from "./machine.ts";

const CLOSE = syscallNumber("close");
const CHDIR = syscallNumber("chdir");

/** Makes calls that fail in two ways, with garbage in between; gives how many errnos were another call's. */
function countWrongErrnos(calls: number): number {
  const garbage: unknown[] = [];
  let wrong = 0;
  for (let call = 0; call < calls; call++) {
    const closed = libc.syscall(CLOSE, -1n, 0n, 0n, 0n, 0n, 0n) === -1n && lastErrno() === ERRNO.EBADF;
    garbage.push(new Array(call % 50));
    // Nothing is mapped at address 1.
    const changed = libc.syscall(CHDIR, 1n, 0n, 0n, 0n, 0n, 0n) === -1n && lastErrno() === ERRNO.EFAULT;
    if (!closed || !changed) wrong++;
  }
  return wrong;
}

for (const how of ["by pointer", "compiled"] as const) {
  Deno.test(`libc: errno is right after 20,000 failing calls, ${how}`, () => {
    if (how === "compiled") compile("syscall");
    equal(countWrongErrnos(20_000), 0);
  });
}
