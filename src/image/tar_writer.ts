/**
 * Writes entries of a tar archive: POSIX ustar, with an extended header where that has no room. The same entry gives the
 * same bytes at any time and place, since digests are made of them. Pure.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header".
 */

import { encodeBytes } from "../../ffi/cstring.ts";
import { BLOCK, FIELD, TYPE_AT } from "./tar_header.ts";
import type { TarEntry, TarType } from "./tar_reader.ts";

const TYPES: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Two blocks of zeros end an archive. */
export const TAR_END: Uint8Array<ArrayBuffer> = new Uint8Array(2 * BLOCK);

const XATTR = "SCHILY.xattr.";
/** For people who look with a program that does not know extended headers. */
const PAX_NAME = "PaxHeader";
const encoder = new TextEncoder();

/** A record of an extended header: a key, and its value in bytes. */
type PaxRecord = readonly [key: string, value: Uint8Array];

/** Encodes what stands before an entry's data; a directory's name gets its slash. */
export function encodeTarHeader(entry: TarEntry): Uint8Array<ArrayBuffer> {
  const path = entry.type === "directory" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  const split = splitName(path);
  const records = paxRecords(entry, { path, isSplit: split !== undefined });
  const [prefix, name] = split ?? ["", path];
  const header = encodeBlock(TYPES[entry.type], { ...entry, path: name }, prefix);
  if (records.length === 0) return header;
  const data = encodePax(records);
  const before = encodeBlock("x", paxEntry(data.length), "");
  return concat([before, data, tarPadding(data.length), header]);
}

/** The zeros that follow so many bytes of data. */
export function tarPadding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - size % BLOCK) % BLOCK);
}

const isPlain = (text: string) => /^[\x20-\x7e]*$/.test(text);

/** Splits a name over the two fields, at a slash; undefined where it can't be. */
function splitName(path: string): readonly [prefix: string, name: string] | undefined {
  if (!isPlain(path)) return undefined;
  const [, nameLength] = FIELD.name;
  const [, prefixLength] = FIELD.prefix;
  if (path.length <= nameLength) return ["", path];
  const slash = path.indexOf("/", path.length - nameLength - 1);
  const isFit = slash > 0 && slash <= prefixLength && slash < path.length - 1;
  return isFit ? [path.slice(0, slash), path.slice(slash + 1)] : undefined;
}

/** The greatest number that octal digits and a NUL hold in a field. */
function most(field: "uid" | "size" | "mtime"): number {
  return 8 ** (FIELD[field][1] - 1) - 1;
}

function paxRecords(
  { type, linkName, uid, gid, size, mtime: { seconds, nanoseconds }, xattrs }: TarEntry,
  { path, isSplit }: { readonly path: string; readonly isSplit: boolean },
): readonly PaxRecord[] {
  const text = (key: string, value: string): PaxRecord => [key, encodeBytes(value)];
  const isLink = type === "symlink" || type === "hardlink";
  const isOdd = nanoseconds !== 0 || seconds < 0 || seconds > most("mtime");
  return [
    ...(isSplit ? [] : [text("path", path)]),
    ...(isLink && !(isPlain(linkName) && linkName.length <= FIELD.linkName[1])
      ? [text("linkpath", linkName)]
      : []),
    ...(uid > most("uid") ? [text("uid", `${uid}`)] : []),
    ...(gid > most("uid") ? [text("gid", `${gid}`)] : []),
    ...(size > most("size") ? [text("size", `${size}`)] : []),
    ...(isOdd ? [text("mtime", renderTime(seconds, nanoseconds))] : []),
    ...[...xattrs].map(([name, value]): PaxRecord => [`${XATTR}${name}`, value])
      .sort(([a], [b]) => a < b ? -1 : 1),
  ];
}

/** Seconds with as many digits behind the point as they need; a time before 1970 counts backwards as a whole. */
function renderTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}`;
  const isBefore = seconds < 0;
  const [whole, rest] = isBefore ? [-(seconds + 1), 1_000_000_000 - nanoseconds] : [seconds, nanoseconds];
  return `${isBefore ? "-" : ""}${whole}.${`${rest}`.padStart(9, "0").replace(/0+$/, "")}`;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function encodePax(records: readonly PaxRecord[]): Uint8Array<ArrayBuffer> {
  return concat(records.map(([key, value]) => {
    const start = encoder.encode(` ${key}=`);
    const rest = start.length + value.length + 1;
    let length = rest + `${rest}`.length;
    if (`${length}`.length > `${rest}`.length) length = rest + `${length}`.length;
    return concat([encoder.encode(`${length}`), start, value, encoder.encode("\n")]);
  }));
}

function paxEntry(size: number): TarEntry {
  return {
    path: `./${PAX_NAME}`,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: "",
    devMajor: 0,
    devMinor: 0,
    xattrs: new Map(),
  };
}

function encodeBlock(type: string, entry: TarEntry, prefix: string): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (field: keyof typeof FIELD, bytes: Uint8Array) =>
    block.set(bytes.subarray(0, FIELD[field][1]), FIELD[field][0]);
  const text = (field: keyof typeof FIELD, value: string) => put(field, encoder.encode(value));
  const octal = (field: keyof typeof FIELD, value: number) =>
    text(field, clamp(value, 8 ** (FIELD[field][1] - 1) - 1).toString(8).padStart(FIELD[field][1] - 1, "0"));
  text("name", entry.path);
  text("prefix", prefix);
  octal("mode", entry.mode);
  octal("uid", entry.uid);
  octal("gid", entry.gid);
  octal("size", entry.type === "file" || type === "x" ? entry.size : 0);
  octal("mtime", entry.mtime.seconds);
  block[TYPE_AT] = type.charCodeAt(0);
  if (entry.type === "symlink" || entry.type === "hardlink") text("linkName", entry.linkName);
  text("magic", "ustar");
  text("version", "00");
  octal("devMajor", entry.devMajor);
  octal("devMinor", entry.devMinor);
  put("checksum", encoder.encode("        "));
  const sum = block.reduce((total, byte) => total + byte, 0);
  text("checksum", `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** What has no room stands in the extended header, which goes before it. */
function clamp(value: number, largest: number): number {
  return Math.max(0, Math.min(value, largest));
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
