/**
 * The file of events: what happened to containers, for whoever follows. It is made of the frames of plan/frame.ts: the
 * value of an end's frame is the wait status, written by the monitor itself.
 */

import { SEEK } from "../../ffi/constants/open.ts";
import { tryLock, write } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openPath, readPathStatus, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { syscall } from "../../ffi/syscall.ts";
import type { HealthStatus } from "../spec/healthcheck.ts";
import { encodeFrame } from "../plan/frame.ts";
import { stateRoot } from "./state_root.ts";

/** What can happen to a container, by docker's names. */
export type EventAction =
  | "create"
  | "start"
  | "die"
  | "kill"
  | "stop"
  | "pause"
  | "unpause"
  | "rename"
  | "restart"
  | "destroy"
  | "exec_create"
  | "exec_start"
  | "exec_die"
  | `health_status: ${HealthStatus}`;

/** What stands in a frame, as JSON. */
export interface EventText {
  readonly action: EventAction;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Such as the signal of a `kill`, the old name of a `rename`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Of whom an event tells. */
export type EventSubject = Omit<EventText, "action" | "attributes">;

/** Behind so many bytes a new file is begun; the one before is kept. */
const MAX_BYTES = 1024 * 1024;
const encoder = new TextEncoder();

/** The path of the file of events; the older one has `.1` behind it. */
export function eventsPath(): string {
  return `${stateRoot()}/events`;
}

/** Renders what stands in a frame. */
export function renderEvent(
  { id, name, image, labels }: EventSubject,
  action: EventAction,
  attributes?: Readonly<Record<string, string>>,
): string {
  const text: EventText = {
    action,
    id,
    name,
    image,
    labels,
    ...(attributes !== undefined && { attributes }),
  };
  return JSON.stringify(text);
}

/** Renders what stands in the frame of a container's end: its name may be another by then. */
export function renderEnd(id: string): string {
  return JSON.stringify({ action: "die", id } satisfies Pick<EventText, "action" | "id">);
}

/** Renders what stands in the frame of the end of a command of exec; its value, too, is the wait status. */
export function renderExecEnd(subject: EventSubject, execID: string): string {
  return renderEvent(subject, "exec_die", { execID });
}

/** Tells of something that has just happened. Nobody's work fails because it could not be told. */
export function tellEvents(texts: readonly string[]): void {
  const path = eventsPath();
  const opened = openPath(path, { flags: O.O_WRONLY | O.O_APPEND | O.O_CREAT, mode: 0o600 });
  if (!opened.ok) return;
  using file = opened.value;
  const nowMs = Date.now();
  write(file.number, joined(texts.map((text) => encodeFrame(encoder.encode(text), { timeMs: nowMs }))));
  if (syscall("lseek", file.number, 0, SEEK.SEEK_END) > MAX_BYTES) beginAnew(path, file);
}

/**
 * Begins a new file. At no instant is there none: a monitor tells of an end where there is a file, and makes none; and
 * the full one has its older name before it loses the other, so that no reader misses it. Where another command does so
 * already, or has just done so, nothing is left to do.
 */
function beginAnew(path: string, full: Fd): void {
  if (!tryLock(full.number, "exclusive").ok || !isStillAt(path, full)) return;
  const [older, next] = [`${path}.old`, `${path}.new`];
  try {
    for (const left of [older, next]) removeIfThere(left);
    Deno.linkSync(path, older);
    Deno.renameSync(older, `${path}.1`);
    Deno.openSync(next, { write: true, createNew: true, mode: 0o600 }).close();
    Deno.renameSync(next, path);
  } catch {
    // The file goes on, longer than it should be.
  }
}

/** A command that was killed here may have left one. */
function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isStillAt(path: string, file: Fd): boolean {
  const [here, there] = [readStatus(file.number), readPathStatus(path)];
  return here.ok && there.ok && here.value.ino === there.value.ino;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
