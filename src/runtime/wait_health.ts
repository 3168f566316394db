/** `myctr wait --condition healthy`: until a container's checks say so. */

import { IN } from "../../ffi/constants/inotify.ts";
import type { Fd } from "../../ffi/fd.ts";
import { addWatch, openInotify, takeEvents } from "../../ffi/inotify.ts";
import { awaitInput } from "../../ffi/poll.ts";
import { CtrError } from "../errors.ts";
import { containerDirectory, readState } from "./container_state.ts";
import { isLocked } from "./container_store.ts";
import { findContainer } from "./containers.ts";
import { readHealth } from "./health_state.ts";
import { mustFollow } from "./log_watch.ts";
import { isRestarting } from "./restart_state.ts";

/** What of a container's health is waited for. */
export type HealthCondition = "healthy" | "unhealthy";

/** A container whose health is waited for; its directory is watched. */
export class WaitedHealth implements Disposable {
  readonly #reference: string;
  readonly #id: string;
  readonly #condition: HealthCondition;
  readonly #inotify: Fd;

  /** @throws {CtrError} code "not_found" or "conflict" for the reference, "bad_state" where it has no health check */
  constructor(reference: string, condition: HealthCondition) {
    this.#reference = reference;
    this.#condition = condition;
    this.#id = findContainer(reference);
    const directory = containerDirectory(this.#id);
    if (!readState(this.#id, reference).hasHealthCheck) {
      throw this.#error("it has no health check", "Make it with --health-cmd");
    }
    this.#inotify = mustFollow(openInotify(), "wait for the container");
    // Its state and its health are files that are renamed; its end is the last close of its exit status.
    const mask = IN.IN_MOVED_TO | IN.IN_MOVE_SELF | IN.IN_DELETE_SELF;
    mustFollow(addWatch(this.#inotify.number, directory, mask), "wait for the container");
    mustFollow(
      addWatch(this.#inotify.number, `${directory}/exit`, IN.IN_CLOSE_WRITE),
      "wait for the container",
    );
  }

  /** Waits, blocking; gives what it is. @throws {CtrError} code "bad_state" where it does not run, or ends */
  wait(): HealthCondition {
    while (true) {
      const state = readState(this.#id, this.#reference);
      if (!isLocked(this.#id) && !isRestarting(state)) {
        throw this.#error("it does not run", `See "myctr logs ${this.#reference}"`);
      }
      if (readHealth(this.#id).status === this.#condition) return this.#condition;
      mustFollow(awaitInput(this.#inotify.number, {}), "wait for the container");
      takeEvents(this.#inotify.number);
    }
  }

  #error(problem: string, hint: string): CtrError {
    const what = `Cannot wait until container "${this.#reference}" is ${this.#condition}`;
    return new CtrError("bad_state", `${what}: ${problem}`, { hint });
  }

  [Symbol.dispose](): void {
    this.#inotify[Symbol.dispose]();
  }
}
