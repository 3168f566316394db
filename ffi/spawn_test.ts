import { deepEqual, equal, match } from "node:assert/strict";
import { ERRNO } from "./constants/errno.ts";
import { RLIMIT, SIG } from "./constants/process.ts";
import { openPipe, readAll } from "./descriptor.ts";
import { failure, unwrap } from "./outcome.ts";
import {
  applyLimit,
  awaitEnd,
  hasProcess,
  kill,
  openPidfd,
  pollPid,
  readLimit,
  sendSignal,
} from "./process.ts";
import { waitPid, waitPidAsync } from "./process.ts";
import { spawn } from "./spawn.ts";
import { decodeWaitStatus, exitCodeOf } from "./wait_status.ts";

function shell(script: string, descriptors: readonly (readonly [number, number])[] = []): number {
  const env = ["PATH=/usr/bin:/bin", "GREETING=hi there"];
  return unwrap(spawn({ path: "/bin/sh", argv: ["sh", "-c", script], env, descriptors }), "posix_spawn");
}

/** Runs a shell script with its output on descriptor 9 and gives that. */
function outputOf(script: string, more: readonly (readonly [number, number])[] = []): string {
  using pipe = unwrap(openPipe(), "pipe2");
  const pid = shell(script, [[pipe.writer.number, 9], ...more]);
  pipe.writer[Symbol.dispose]();
  const bytes = unwrap(readAll(pipe.reader.number, 100_000), "read");
  equal(unwrap(waitPid(pid), "waitpid"), 0);
  return new TextDecoder().decode(bytes);
}

Deno.test("spawn() passes arguments and exactly the environment given", () => {
  equal(outputOf('printf %s "$GREETING$HOME" >&9'), "hi there");
});

Deno.test("spawn() resets signals and blocks none", () => {
  const status = outputOf("cat /proc/self/status >&9");
  match(status, /^SigBlk:\t0+$/m);
  match(status, /^SigIgn:\t0+$/m);
});

Deno.test("spawn() leaves open what was asked for and no other of ours", () => {
  using pipe = unwrap(openPipe(), "pipe2");
  const open = outputOf("ls /proc/self/fd >&9").split("\n");
  equal(open.includes("9"), true);
  equal(open.includes(String(pipe.reader.number)), false);
});

Deno.test("spawn() lets descriptors change places", () => {
  using one = unwrap(openPipe(), "pipe2");
  using two = unwrap(openPipe(), "pipe2");
  const [a, b] = [one.writer.number, two.writer.number];
  const pid = shell(`printf A >/proc/self/fd/${a}; printf B >/proc/self/fd/${b}`, [[a, b], [b, a]]);
  equal(unwrap(waitPid(pid), "waitpid"), 0);
  one.writer[Symbol.dispose]();
  two.writer[Symbol.dispose]();
  equal(String.fromCharCode(...unwrap(readAll(one.reader.number, 9), "read")), "B");
  equal(String.fromCharCode(...unwrap(readAll(two.reader.number, 9), "read")), "A");
});

Deno.test("spawn() keeps a descriptor that has its number already", () => {
  using pipe = unwrap(openPipe(), "pipe2");
  const fd = pipe.writer.number;
  equal(unwrap(waitPid(shell(`printf x >/proc/self/fd/${fd}`, [[fd, fd]])), "waitpid"), 0);
});

Deno.test("spawn() gives the errno of execve", () => {
  const options = { argv: ["x"], env: [], descriptors: [] };
  deepEqual(spawn({ path: "/none", ...options }), failure(ERRNO.ENOENT));
  deepEqual(spawn({ path: "/etc/passwd", ...options }), failure(ERRNO.EACCES));
});

Deno.test("waitPidAsync() gives the status of a child", async () => {
  equal(exitCodeOf(unwrap(await waitPidAsync(shell("exit 42")), "waitpid")), 42);
});

Deno.test("waitPidAsync() fails with ECHILD for a stranger", async () => {
  deepEqual(await waitPidAsync(1), failure(ERRNO.ECHILD));
});

Deno.test("kill(), sendSignal() and pollPid() see a child through to its end", () => {
  const pid = shell("sleep 100");
  using pidfd = unwrap(openPidfd(pid), "pidfd_open");
  equal(unwrap(pollPid(pid), "waitpid"), undefined);
  unwrap(sendSignal(pidfd.number, 0), "pidfd_send_signal");
  unwrap(kill(pid, SIG.SIGKILL), "kill");
  const ending = decodeWaitStatus(unwrap(waitPid(pid), "waitpid"));
  deepEqual(ending, { kind: "signaled", signal: 9, hasCore: false });
  deepEqual(sendSignal(pidfd.number, 0), failure(ERRNO.ESRCH));
  equal(hasProcess(pid), false);
});

Deno.test("applyLimit() sets what readLimit() reads", () => {
  const before = unwrap(readLimit(RLIMIT.RLIMIT_CORE), "prlimit");
  unwrap(applyLimit(RLIMIT.RLIMIT_CORE, { soft: 0n, hard: before.hard }), "prlimit");
  equal(unwrap(readLimit(RLIMIT.RLIMIT_CORE), "prlimit").soft, 0n);
  unwrap(applyLimit(RLIMIT.RLIMIT_CORE, before), "prlimit");
});

const STATUSES = [
  { status: 0x2a00, code: 42 },
  { status: 9, code: 137 },
  { status: 0x8b, code: 139 },
  { status: 0, code: 0 },
] as const;

for (const { status, code } of STATUSES) {
  Deno.test(`exitCodeOf(${status}) is ${code}`, () => equal(exitCodeOf(status), code));
}

Deno.test("awaitEnd() waits for a process to end, and no longer than it may", () => {
  const pid = shell("sleep 0.2");
  using pidfd = unwrap(openPidfd(pid), "open");
  equal(awaitEnd(pidfd.number, 1), false);
  equal(awaitEnd(pidfd.number, 10_000), true);
  equal(awaitEnd(pidfd.number, 0), true);
  unwrap(waitPid(pid), "wait");
});
