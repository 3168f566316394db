/** Executable files that have no name. */

import { ERRNO } from "./constants/errno.ts";
import { F, F_SEAL, MFD } from "./constants/open.ts";
import { cString } from "./cstring.ts";
import { writeAll } from "./descriptor.ts";
import { type Fd, outcomeFd } from "./fd.ts";
import { openPath } from "./file.ts";
import { syscall } from "./syscall.ts";
import { O } from "./machine.ts";
import { andThen, type Outcome, outcome, success } from "./outcome.ts";

const SEALS = F_SEAL.F_SEAL_SEAL | F_SEAL.F_SEAL_SHRINK | F_SEAL.F_SEAL_GROW | F_SEAL.F_SEAL_WRITE;

export interface ExecutableOptions {
  /** What stands behind "memfd:" in /proc/PID/exe and /proc/PID/maps. */
  readonly name: string;
  /** A directory on a file system without noexec, for where a memfd may not be executed. */
  readonly directory: string;
}

/**
 * Opens a file that holds `bytes`, may be executed as /proc/self/fd/N, and can't change any more.
 *
 * A sealed memfd; where vm.memfd_noexec is 2 (EACCES), an unnamed file in `directory`, read-only.
 */
export function openExecutable(bytes: Uint8Array<ArrayBuffer>, options: ExecutableOptions): Outcome<Fd> {
  const memfd = openMemfd(options.name);
  if (!memfd.ok) return openUnnamed(bytes, options.directory);
  return filled(memfd.value, () => andThen(writeAll(memfd.value.number, bytes), () => seal(memfd.value)));
}

/** Opens an empty memfd that may be sealed and executed. @see memfd_create(2) */
export function openMemfd(name: string): Outcome<Fd> {
  const flags = MFD.MFD_CLOEXEC | MFD.MFD_ALLOW_SEALING;
  const text = cString(name);
  // Linux before 6.3 does not know MFD_EXEC: every memfd may be executed there.
  const made = outcomeFd(syscall("memfd_create", text, flags | MFD.MFD_EXEC));
  return made.ok || made.errno !== ERRNO.EINVAL ? made : outcomeFd(syscall("memfd_create", text, flags));
}

/** Forbids every further change of a memfd's bytes; writable mappings must be gone. @see fcntl(2) */
export function seal(memfd: Fd): Outcome<Fd> {
  return andThen(outcome(syscall("fcntl", memfd.number, F.F_ADD_SEALS, SEALS)), () => success(memfd));
}

/** The same without memfd, for tests and for where vm.memfd_noexec is 2. */
export function openUnnamed(bytes: Uint8Array<ArrayBuffer>, directory: string): Outcome<Fd> {
  const opened = openPath(directory, { flags: O.O_TMPFILE | O.O_RDWR, mode: 0o500 });
  if (!opened.ok) return opened;
  using writable = opened.value;
  // execve(2) fails with ETXTBSY while anyone has the file open for writing: open it again to read.
  return andThen(
    writeAll(writable.number, bytes),
    () => openPath(`/proc/self/fd/${writable.number}`, { flags: O.O_RDONLY }),
  );
}

function filled(fd: Fd, fill: () => Outcome<Fd>): Outcome<Fd> {
  const result = fill();
  if (!result.ok) fd[Symbol.dispose]();
  return result;
}
