/** A container's cgroup, from outside: stopped, let go, ended and removed as one. Source: cgroups(7), cgroup-v2.rst. */

import { ERRNO } from "../../ffi/constants/errno.ts";
import { AT, AT_FDCWD, SEEK } from "../../ffi/constants/open.ts";
import { cString } from "../../ffi/cstring.ts";
import { readAll } from "../../ffi/descriptor.ts";
import { openPath } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { outcome } from "../../ffi/outcome.ts";
import { awaitException } from "../../ffi/poll.ts";
import { syscall } from "../../ffi/syscall.ts";

/** How long a group's processes may take to stand still, or to vanish: a call that can not be interrupted holds them. */
const PATIENCE_MS = 10_000;
/** More than a file of events ever has. */
const MAX_BYTES = 4096;

/** Holds all processes of a group, and waits until they stand still; false where they do not, and go on. */
export function freeze(path: string): boolean {
  if (!tryWrite(path, "cgroup.freeze", "1")) return false;
  if (awaitEvent(path, "frozen 1")) return true;
  thaw(path);
  return false;
}

/** Lets all processes of a group go on; false where that can't be. */
export function thaw(path: string): boolean {
  return tryWrite(path, "cgroup.freeze", "0");
}

/** Kills all processes of a group, held ones too; false where that can't be. Linux 5.14. */
export function killCgroup(path: string): boolean {
  return tryWrite(path, "cgroup.kill", "1");
}

/** Removes a group; whoever is still in it, since the monitor was killed, is killed. */
export function removeCgroup(path: string): void {
  if (tryRemove(path) || !killCgroup(path)) return;
  awaitEvent(path, "populated 0");
  tryRemove(path);
}

/** The processes of a group and of those below it, by number; undefined where the group is gone. */
export function maybeProcessesOf(path: string): number[] | undefined {
  const text = maybeRead(`${path}/cgroup.procs`);
  if (text === undefined) return undefined;
  const below = groupsBelow(path).flatMap((name) => maybeProcessesOf(`${path}/${name}`) ?? []);
  return [...text.split("\n").filter(Boolean).map(Number), ...below];
}

function groupsBelow(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path)).filter(({ isDirectory }) => isDirectory).map(({ name }) =>
      name
    );
  } catch {
    return [];
  }
}

/** A container may have made groups in its own, where it has been given the right to. */
function tryRemove(path: string): boolean {
  if (isRemoved(path)) return true;
  for (const name of groupsBelow(path)) tryRemove(`${path}/${name}`);
  return isRemoved(path);
}

/** Mostly the monitor has done it: an exception for that would take longer than all the rest. */
function isRemoved(path: string): boolean {
  const removed = outcome(syscall("unlinkat", AT_FDCWD, cString(path), AT.AT_REMOVEDIR));
  return removed.ok || removed.errno === ERRNO.ENOENT;
}

/** Waits for a line of cgroup.events: the kernel tells of each change as an exceptional event. */
function awaitEvent(path: string, line: string): boolean {
  const opened = openPath(`${path}/cgroup.events`, { flags: O.O_RDONLY });
  if (!opened.ok) return false;
  using file = opened.value;
  const end = Date.now() + PATIENCE_MS;
  while (true) {
    // By this descriptor: the wait is for changes since its last read.
    syscall("lseek", file.number, 0, SEEK.SEEK_SET);
    const bytes = readAll(file.number, MAX_BYTES);
    if (!bytes.ok) return false;
    if (new TextDecoder().decode(bytes.value).split("\n").includes(line)) return true;
    const left = end - Date.now();
    if (left <= 0 || !awaitException(file.number, left)) return false;
  }
}

function maybeRead(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

function tryWrite(path: string, file: string, text: string): boolean {
  try {
    Deno.writeTextFileSync(`${path}/${file}`, text, { create: false });
    return true;
  } catch {
    return false;
  }
}
