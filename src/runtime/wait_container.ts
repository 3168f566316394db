/** `myctr wait`: until a container has ended, or is removed, and how it ended. */

import { IN } from "../../ffi/constants/inotify.ts";
import { awaitLock, tryLock, unlock } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath } from "../../ffi/file.ts";
import { addWatch, openInotify, takeEvents } from "../../ffi/inotify.ts";
import { O } from "../../ffi/machine.ts";
import type { Outcome } from "../../ffi/outcome.ts";
import { awaitInput } from "../../ffi/poll.ts";
import {
  containerDirectory,
  KILLED,
  maybeReadExitCode,
  maybeReadState,
  readState,
} from "./container_state.ts";
import { findContainer } from "./containers.ts";
import { mustFollow } from "./log_watch.ts";

/** What is waited for: docker's API has these names. */
export type WaitCondition = "not-running" | "next-exit" | "removed";

/** A container that is waited for. Its files are held open: it may be removed meanwhile. */
export class WaitedContainer implements Disposable {
  readonly #reference: string;
  readonly #id: string;
  readonly #condition: WaitCondition;
  readonly #files = new DisposableStack();
  readonly #exit: Fd;
  readonly #lock: Fd;
  readonly #inotify: Fd;
  readonly #startedMs: number | undefined;

  /** @throws {CtrError} code "not_found" or "conflict" */
  constructor(reference: string, condition: WaitCondition) {
    this.#reference = reference;
    this.#condition = condition;
    this.#id = findContainer(reference);
    const directory = containerDirectory(this.#id);
    const open = (name: string) => {
      const opened = openPath(`${directory}/${name}`, { flags: O.O_RDONLY });
      // It may have been removed just now.
      if (!opened.ok) readState(this.#id, reference);
      return this.#files.use(must(opened));
    };
    this.#exit = open("exit");
    this.#lock = open("lock");
    this.#startedMs = readState(this.#id, reference).startedMs;
    this.#inotify = this.#files.use(must(openInotify()));
    must(addWatch(this.#inotify.number, directory, IN.IN_MOVE_SELF | IN.IN_DELETE_SELF));
    must(addWatch(this.#inotify.number, `${directory}/exit`, IN.IN_CLOSE_WRITE));
  }

  /** Waits, blocking; gives the exit code: docker's 0 where it was never started. */
  wait(): number {
    if (this.#condition === "removed") return this.#removal();
    const isRunning = !tryLock(this.#lock.number, "shared").ok;
    if (isRunning || this.#condition === "not-running") return this.#end();
    unlock(this.#lock.number);
    return this.#nextEnd();
  }

  /** Nobody starts it anew before its status is read: who does needs the lock for itself. */
  #end(): number {
    must(awaitLock(this.#lock.number));
    const exitCode = this.#status() ?? (this.#wasStarted() ? KILLED : 0);
    unlock(this.#lock.number);
    return exitCode;
  }

  #nextEnd(): number {
    while (true) {
      const isGone = (this.#happened() & (IN.IN_MOVE_SELF | IN.IN_DELETE_SELF)) !== 0;
      must(awaitLock(this.#lock.number));
      // A start that failed leaves no status, and no time.
      const { startedMs } = maybeReadState(this.#id) ?? { startedMs: this.#startedMs };
      const exitCode = this.#status() ?? (startedMs === this.#startedMs ? undefined : KILLED);
      unlock(this.#lock.number);
      if (exitCode !== undefined && !isGone) return exitCode;
      if (isGone) readState(this.#id, this.#reference);
    }
  }

  #removal(): number {
    while ((this.#happened() & (IN.IN_MOVE_SELF | IN.IN_DELETE_SELF)) === 0);
    return this.#status() ?? (this.#startedMs === undefined ? 0 : KILLED);
  }

  /** What happened to its directory and its status, after having waited for that. */
  #happened(): number {
    must(awaitInput(this.#inotify.number, {}));
    return takeEvents(this.#inotify.number).reduce((all, { mask }) => all | mask, 0);
  }

  #status(): number | undefined {
    return maybeReadExitCode(this.#exit.number);
  }

  #wasStarted(): boolean {
    return (maybeReadState(this.#id)?.startedMs ?? this.#startedMs) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

function must<Value>(result: Outcome<Value>): Value {
  return mustFollow(result, "wait for the container");
}
