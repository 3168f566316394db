/** A log whose relay is gone is made whole before another one goes on with it. */

import { O } from "../../ffi/machine.ts";
import { openPath } from "../../ffi/file.ts";
import { encodeFrame, LOG_HEAD_SIZE, LOG_LOST_OFFSET, logPath } from "../plan/frame.ts";
import { containerDirectory } from "./container_state.ts";
import { FrameFile, START } from "./frame_file.ts";

const STREAMS = ["stdout", "stderr"] as const;

/** Repairs the logs of a container that does not run. */
export function repairLogs(id: string): void {
  for (const stream of STREAMS) repairLog(logPath(containerDirectory(id), stream, 0));
}

/**
 * Cuts off the frame that a killed relay has left unfinished, and what the head alone tells of bytes that could not be
 * kept becomes a frame without bytes: the next relay counts anew.
 */
export function repairLog(path: string): void {
  const opened = openPath(path, { flags: O.O_RDONLY });
  if (!opened.ok) return;
  using file = new FrameFile(opened.value, START.log);
  const size = file.size();
  if (size < LOG_HEAD_SIZE) {
    Deno.removeSync(path);
    return;
  }
  let lost = 0;
  for (let frame = file.peek(); frame !== undefined; frame = file.peek()) {
    lost = frame.value;
    file.take();
  }
  const missing = Math.max(file.lostBytes() - lost, 0) + (file.tornLength() ?? 0);
  if (file.offset < size) Deno.truncateSync(path, file.offset);
  if (missing > 0) appendLoss(path, lost + missing);
  if (file.lostBytes() > 0) clearHead(path);
}

function appendLoss(path: string, lost: number): void {
  const frame = encodeFrame(new Uint8Array(0), { timeMs: Date.now(), value: lost });
  Deno.writeFileSync(path, frame, { append: true, create: false });
}

function clearHead(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(LOG_LOST_OFFSET, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(LOG_HEAD_SIZE - LOG_LOST_OFFSET));
}
