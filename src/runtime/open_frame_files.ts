/** Opens all files of a sequence in which a new one is begun from time to time, by renaming. */

import { openPath, readPathStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { FrameFile } from "./frame_file.ts";

/** So often new files can be begun while they are opened, before what is there by then is taken. */
const TRIES = 100;

/**
 * Opens the files that are there, the oldest first; `paths` are those of the newest to the oldest. They are opened in
 * that order: what gets another name meanwhile is met again, not missed, unless the newest is another one by then.
 */
export function openFrameFiles(paths: readonly string[], start: number): FrameFile[] {
  for (let tries = 1;; tries++) {
    const { files, newest } = openEach(paths, start);
    const now = readPathStatus(paths[0]!);
    if ((now.ok ? now.value.ino : undefined) === newest || tries === TRIES) return files.reverse();
    for (const file of files) file[Symbol.dispose]();
  }
}

interface Opened {
  readonly files: FrameFile[];
  /** The inode of the first path. */
  readonly newest: bigint | undefined;
}

function openEach(paths: readonly string[], start: number): Opened {
  const inodes: (bigint | undefined)[] = [];
  const files: FrameFile[] = [];
  for (const path of paths) {
    const opened = openPath(path, { flags: O.O_RDONLY });
    const file = opened.ok ? new FrameFile(opened.value, start) : undefined;
    const inode = file?.inode();
    if (inodes.includes(inode)) file?.[Symbol.dispose]();
    else if (file !== undefined) files.push(file);
    inodes.push(inode);
  }
  return { files, newest: inodes[0] };
}

/** Opens the files that came after `last`, or all where it is not among them any more: `isGap` then. */
export function openNewer(
  paths: readonly string[],
  start: number,
  last: FrameFile | undefined,
): { readonly files: FrameFile[]; readonly isGap: boolean } {
  const current = readPathStatus(paths[0]!);
  const inode = last?.inode();
  if (!current.ok || current.value.ino === inode) return { files: [], isGap: false };
  const files = openFrameFiles(paths, start);
  const known = files.findIndex((file) => file.inode() === inode);
  for (const file of files.splice(0, known + 1)) file[Symbol.dispose]();
  return { files, isGap: last !== undefined && known < 0 && files.length > 0 };
}
