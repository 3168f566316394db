/** Threads of the monitor: each has descriptors of its own, and the memory of all. Pure. */

import { CLONE } from "../../ffi/constants/clone.ts";
import { type Actor, call, type Out } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";

const THREAD = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;

/** How the start of a thread is explained, and the word that the kernel clears at its end. */
export interface ThreadStart {
  readonly shell: string;
  readonly reason: string;
  readonly life?: Out;
}

/** Starts a thread of the monitor; what is added from then on is done by it. */
export function startThread(builder: PlanBuilder, actor: Actor, { shell, reason, life }: ThreadStart): void {
  builder.as("monitor");
  builder.add({ label: `start the ${actor}`, shell, reason, man: "clone(2)" }, [
    call("clone3", [
      {
        struct: "clone_args",
        fields: life === undefined
          ? { flags: THREAD }
          : { flags: THREAD | CLONE.CLONE_CHILD_CLEARTID, child_tid: life },
      },
      88,
    ], { starts: actor }),
  ]);
  builder.as(actor);
}
