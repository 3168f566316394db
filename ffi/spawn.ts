/** Starts a process by posix_spawn(3). */

import { F } from "./constants/open.ts";
import { cString } from "./cstring.ts";
import { pointerTable } from "./pointer_table.ts";
import { Fd, outcomeFd } from "./fd.ts";
import { array, i32, struct, u16, u64 } from "./layout/struct.ts";
import { libc } from "./libc.ts";
import { syscall } from "./syscall.ts";
import { failure, type Outcome, success } from "./outcome.ts";

export interface SpawnOptions {
  /** The file to execute; not looked up in PATH. */
  readonly path: string;
  /** Arguments, the program's own name first. */
  readonly argv: readonly string[];
  /** `NAME=VALUE` texts: the whole environment. */
  readonly env: readonly string[];
  /**
   * Descriptors as [ours, the child's]; no other stays open in it but those without O_CLOEXEC. Rows
   * may cross: [3, 4] and [4, 3] change places.
   */
  readonly descriptors: readonly (readonly [from: number, to: number])[];
  /**
   * Puts every signal to its default and unblocks all: Deno ignores SIGPIPE, and an ignored signal
   * survives execve(2). @default true
   */
  readonly resetSignals?: boolean;
}

/** glibc's posix_spawnattr_t, which its header shows. Source: glibc, posix/spawn.h, 2.36. */
export const posixSpawnattr = struct("posix_spawnattr_t", {
  __flags: u16,
  __pgrp: i32,
  __sd: array(u64, 16),
  __ss: array(u64, 16),
  __sp: i32,
  __policy: i32,
  __pad: array(i32, 16),
});

/** Source: glibc, posix/spawn.h. */
export const POSIX_SPAWN = { POSIX_SPAWN_SETSIGDEF: 0x04, POSIX_SPAWN_SETSIGMASK: 0x08 } as const;

const EVERY_SIGNAL = 0xffff_ffff_ffff_ffffn;

/** Both opaque types of posix_spawn(3) are smaller: 80 and 336 bytes in glibc. */
export const ROOM = 512;

/**
 * Starts a process and gives its pid; wait for it with waitPid() or waitPidAsync().
 *
 * Blocks until execve(2) is done in the child, so its errno is the outcome's. Runs on the calling
 * thread on purpose: a parent-death signal follows the thread that made the child, and the threads
 * of nonblocking calls end when they are idle.
 */
export function spawn(options: SpawnOptions): Outcome<number> {
  const moved = moveCrossing(options.descriptors);
  if (!moved.ok) return moved;
  using owned = moved.value;
  // Zeros are what posix_spawn_file_actions_init() and posix_spawnattr_init() write.
  const actions = new Uint8Array(ROOM);
  try {
    for (const [from, to] of owned.descriptors) {
      // Where both are the same number, the child's loses O_CLOEXEC (glibc 2.29).
      const errno = libc.posix_spawn_file_actions_adddup2(actions, from, to);
      if (errno !== 0) return failure(errno);
    }
    const pid = new Int32Array(1);
    const [path, attributes] = [cString(options.path), encodeAttributes(options.resetSignals ?? true)];
    const [argv, env] = [pointerTable(options.argv), pointerTable(options.env)];
    const errno = libc.posix_spawn(pid, path, actions, attributes, argv, env);
    return errno === 0 ? success(pid[0]!) : failure(errno);
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
  }
}

function encodeAttributes(resetSignals: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ROOM);
  if (!resetSignals) return bytes;
  const { POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK } = POSIX_SPAWN;
  bytes.set(
    posixSpawnattr.encode({ __flags: POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK, __sd: [EVERY_SIGNAL] }),
  );
  return bytes;
}

interface OwnedDescriptors extends Disposable {
  readonly descriptors: SpawnOptions["descriptors"];
}

/**
 * The child copies row by row: a source that an earlier row overwrites is first copied out of the way.
 */
function moveCrossing(rows: SpawnOptions["descriptors"]): Outcome<OwnedDescriptors> {
  using stack = new DisposableStack();
  const targets = new Set(rows.map(([, to]) => to));
  const free = Math.max(2, ...targets) + 1;
  const descriptors: [number, number][] = [];
  for (const [from, to] of rows) {
    if (from === to || !targets.has(from)) {
      descriptors.push([from, to]);
      continue;
    }
    const copy = outcomeFd(syscall("fcntl", from, F.F_DUPFD_CLOEXEC, free));
    if (!copy.ok) return copy;
    descriptors.push([stack.use<Fd>(copy.value).number, to]);
  }
  const kept = stack.move();
  return success({ descriptors, [Symbol.dispose]: () => kept[Symbol.dispose]() });
}
