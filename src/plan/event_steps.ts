/** The event of a container's end, written by the monitor: no myctr need be there for it. Pure. */

import { AT_FDCWD, O } from "../../ffi/constants/open.ts";
import { CLOCK } from "../../ffi/constants/process.ts";
import { FRAME } from "./frame.ts";
import { type Argument, call, slot } from "./operation.ts";
import type { PlanBuilder } from "./plan_builder.ts";

/** Appends a frame to the file of events: its value is the wait status. */
export function addEndEvent(builder: PlanBuilder): void {
  const { events } = builder.host;
  if (events === undefined) return;
  const frame: Argument = { frame: "end", text: events.end, value: slot("status") };
  const size = FRAME.size + new TextEncoder().encode(events.end).length;
  builder.add({
    label: "tell of the end",
    shell: `echo "$(date) end $?" >>${events.path}`,
    reason: "Whoever follows what happens to containers is told of this end.",
    man: "write(2)",
  }, [
    call("openat", [AT_FDCWD, events.path, O.O_WRONLY | O.O_APPEND | O.O_CLOEXEC, 0], {
      result: "events",
      failure: "ignore",
    }),
    call("clock_gettime", [CLOCK.CLOCK_REALTIME, frame], { failure: "ignore" }),
    call("write", [slot("events"), frame, size], { failure: "ignore" }),
  ]);
}
