/** What becomes of a container with a terminal when nobody takes any more what it writes: `run -t … | head`. */

import { SIG } from "../../ffi/constants/process.ts";
import type { Fd } from "../../ffi/fd.ts";
import { sendSignal } from "../../ffi/process.ts";
import { readText } from "../host/read_text.ts";
import { fateOf } from "./signal_fate.ts";

/**
 * As at a terminal that is hung up: SIGHUP. The kernel drops it for a process 1 that has no handler, which would write on
 * for ever, and for nobody: that one is killed, as a closed pipe would have killed it. Who ignores SIGHUP goes on.
 */
export function hangUp(pidfd: Fd, pid: number): void {
  const isDropped = fateOf(readText(`/proc/${pid}/status`), SIG.SIGHUP) === "dropped";
  sendSignal(pidfd.number, isDropped ? SIG.SIGKILL : SIG.SIGHUP);
}
