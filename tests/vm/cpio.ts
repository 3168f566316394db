/**
 * The archive that the kernel unpacks at its start. Pure.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst, the format "newc".
 */

/** A file or, without content, a directory. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content?: Uint8Array;
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/** Encodes entries as one archive; all is root's and executable. */
export function encodeCpio(entries: readonly ArchiveEntry[]): Uint8Array<ArrayBuffer> {
  const parts = [...entries.map(encodeEntry), ...encodeParts("TRAILER!!!", 0, new Uint8Array(), 0)].flat();
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeEntry({ path, content }: ArchiveEntry, index: number): Uint8Array[] {
  const mode = (content === undefined ? S_IFDIR : S_IFREG) | 0o755;
  return encodeParts(path, mode, content ?? new Uint8Array(), index + 1);
}

function encodeParts(path: string, mode: number, content: Uint8Array, ino: number): Uint8Array[] {
  const name = new TextEncoder().encode(`${path}\0`);
  // ino, mode, uid, gid, nlink, mtime, size, device (4), length of the name, checksum.
  const fields = [ino, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return [...pad(new TextEncoder().encode(header), name), ...pad(content)];
}

/** Adds zeros, so that the parts together fill whole units of 4 bytes. */
function pad(...parts: readonly Uint8Array[]): Uint8Array[] {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return [...parts, new Uint8Array((4 - size % 4) % 4)];
}
