/**
 * Looks at a container's root from outside. Whatever is in there is somebody else's: names are resolved inside the
 * root, only regular files are read, and only so much of them (a FIFO as /etc/passwd must not hang us).
 */

import { S_IF } from "../../ffi/constants/open.ts";
import { readAll } from "../../ffi/descriptor.ts";
import type { Fd } from "../../ffi/fd.ts";
import { openInRoot, openPath, readStatus } from "../../ffi/file.ts";
import { O } from "../../ffi/machine.ts";
import { unwrap } from "../../ffi/outcome.ts";

/** Far above any real passwd file. */
const MAX_FILE = 4 * 1024 * 1024;
/** The kernel reads so much of a script's first line: BINPRM_BUF_SIZE. */
const MAX_SHEBANG = 256;

/** Opens the root of a process. */
export function openRoot(pid: number): Fd {
  return unwrap(
    openPath(`/proc/${pid}/root`, { flags: O.O_PATH | O.O_DIRECTORY }),
    "open the container's root",
  );
}

/** Reads a small text file inside the root; empty where there is none, or something else. */
export function readInRoot(root: Fd, path: string, maxBytes = MAX_FILE): string {
  const bytes = maybeReadInRoot(root, path, maxBytes);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

function maybeReadInRoot(root: Fd, path: string, maxBytes: number): Uint8Array | undefined {
  const flags = O.O_RDONLY | O.O_NONBLOCK | O.O_NOCTTY;
  const opened = openInRoot(path, { dirfd: root.number, flags });
  if (!opened.ok) return undefined;
  using fd = opened.value;
  const status = readStatus(fd.number);
  if (!status.ok || (status.value.mode & S_IF.S_IFMT) !== S_IF.S_IFREG) return undefined;
  const all = readAll(fd.number, maxBytes);
  return all.ok ? all.value : undefined;
}

/** Whether a name leads to something inside the root. */
export function existsInRoot(root: Fd, path: string): boolean {
  const opened = openInRoot(path, { dirfd: root.number, flags: O.O_PATH });
  if (opened.ok) opened.value[Symbol.dispose]();
  return opened.ok;
}

/** Finds the interpreter that a file asks for and the root lacks: of a script, or of a program (its loader). */
export function maybeMissingInterpreter(root: Fd, path: string): string | undefined {
  const bytes = maybeReadInRoot(root, path, 256 * 1024 * 1024);
  if (bytes === undefined) return undefined;
  const wanted = readShebang(bytes) ?? readLoader(bytes);
  return wanted === undefined || existsInRoot(root, wanted) ? undefined : wanted;
}

function readShebang(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_SHEBANG));
  return /^#![ \t]*([^ \t\n]+)/.exec(text)?.[1];
}

const PT_INTERP = 3;

/** Source: elf(5). */
function readLoader(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint32(0, false) !== 0x7f454c46) return undefined;
  const [offset, size, count] = [
    Number(view.getBigUint64(32, true)),
    view.getUint16(54, true),
    view.getUint16(56, true),
  ];
  for (let index = 0; index < count; index++) {
    const at = offset + index * size;
    if (at + 56 > bytes.length || view.getUint32(at, true) !== PT_INTERP) continue;
    const from = Number(view.getBigUint64(at + 8, true));
    return new TextDecoder().decode(
      bytes.subarray(from, from + Number(view.getBigUint64(at + 32, true)) - 1),
    );
  }
  return undefined;
}
