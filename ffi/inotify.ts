/** Being told of changes to files. @see inotify(7) */

import { cString } from "./cstring.ts";
import { read } from "./descriptor.ts";
import { type Fd, outcomeFd } from "./fd.ts";
import { O } from "./machine.ts";
import { type Outcome, outcome } from "./outcome.ts";
import { syscall } from "./syscall.ts";

/** Something that happened. */
export interface FileEvent {
  /** What {@linkcode addWatch} gave; -1 where the kernel had to drop events. */
  readonly watch: number;
  /** Bits of IN. */
  readonly mask: number;
}

/** Opens a descriptor that tells of changes; EMFILE where the user has too many. Reading it never waits. */
export function openInotify(): Outcome<Fd> {
  return outcomeFd(syscall("inotify_init1", O.O_CLOEXEC | O.O_NONBLOCK));
}

/** Asks to be told of events (bits of IN) of a file, or of what is in a directory; gives the watch's number. */
export function addWatch(inotify: number, path: string, mask: number): Outcome<number> {
  return outcome(syscall("inotify_add_watch", inotify, cString(path), mask));
}

/** Head of struct inotify_event: wd, mask, cookie, len; the name follows. */
const EVENT_SIZE = 16;
const LENGTH_OFFSET = 12;
/** Many events: the name of one takes at most 256 bytes. */
const BUFFER_SIZE = 16 * 1024;

/** Takes the events that are there; none where nothing happened. */
export function takeEvents(inotify: number): readonly FileEvent[] {
  const buffer = new Uint8Array(BUFFER_SIZE);
  const got = read(inotify, buffer);
  if (!got.ok) return [];
  const view = new DataView(buffer.buffer);
  const events: FileEvent[] = [];
  for (let at = 0; at + EVENT_SIZE <= got.value;) {
    events.push({ watch: view.getInt32(at, true), mask: view.getUint32(at + 4, true) });
    at += EVENT_SIZE + view.getUint32(at + LENGTH_OFFSET, true);
  }
  return events;
}
