/** What a container leaves that shares the pid namespace of others: without a process table of its own nothing ends it. */

import { SIG } from "../../ffi/constants/process.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { awaitEnd, openPidfd, sendSignal } from "../../ffi/process.ts";
import { mountsOf, processesWithMounts } from "./container_processes.ts";

/** What starts others faster than they are killed goes on. */
const MAX_ROUNDS = 100;
/** A process that waits for a disk ends when that answers. */
const PATIENCE_MS = 1000;

/** All that sees the mounts of a container, looked at while its process 1 was there. */
export class Leftovers implements Disposable {
  readonly #mounts: string | undefined;
  /** Held open, so that no later container gets the number. */
  readonly #held: Fd | undefined;

  constructor(pid: number) {
    const opened = openPath(`/proc/${pid}/ns/mnt`, { flags: O.O_RDONLY });
    this.#held = opened.ok ? opened.value : undefined;
    this.#mounts = opened.ok ? mountsOf(pid) : undefined;
  }

  /** Kills them, again where they have started others meanwhile. */
  end(): void {
    if (this.#mounts === undefined) return;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = this.#list();
      if (found.length === 0) return;
      found.forEach((pid) => this.#kill(pid));
    }
  }

  #list(): number[] {
    return processesWithMounts(this.#mounts!);
  }

  #kill(pid: number): void {
    const opened = openPidfd(pid);
    if (!opened.ok) return;
    using pidfd = opened.value;
    if (mountsOf(pid) === this.#mounts) sendSignal(pidfd.number, SIG.SIGKILL);
    awaitEnd(pidfd.number, PATIENCE_MS);
  }

  [Symbol.dispose](): void {
    this.#held?.[Symbol.dispose]();
  }
}
