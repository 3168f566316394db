/** A log whose relay was killed in the middle of a frame is cut back to its last whole one, before more is appended. */

import { O } from "../../ffi/machine.ts";
import { openPath } from "../../ffi/file.ts";
import { readAll } from "../../ffi/descriptor.ts";
import { FRAME, LOG_HEAD_SIZE, logPath } from "../plan/frame.ts";
import { containerDirectory } from "./container_state.ts";

const STREAMS = ["stdout", "stderr"] as const;
/** More than a log is let grow to; a longer one is left as it is. */
const MAX_BYTES = 2 ** 31;

/** Cuts what is torn off the logs of a container that does not run. */
export function repairLogs(id: string): void {
  for (const stream of STREAMS) {
    const path = logPath(containerDirectory(id), stream, 0);
    const opened = openPath(path, { flags: O.O_RDONLY });
    if (!opened.ok) continue;
    using file = opened.value;
    const bytes = readAll(file.number, MAX_BYTES);
    if (!bytes.ok) continue;
    const whole = wholeLength(bytes.value);
    if (whole === 0) Deno.removeSync(path);
    else if (whole < bytes.value.length) Deno.truncateSync(path, whole);
  }
}

/** The length of a log up to the end of its last whole frame; 0 where it has not even a head. */
export function wholeLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = LOG_HEAD_SIZE;
  if (bytes.length < at) return 0;
  while (at + FRAME.size <= bytes.length) {
    const next = at + FRAME.size + Number(view.getBigUint64(at + FRAME.length, true));
    if (next > bytes.length) break;
    at = next;
  }
  return at;
}
