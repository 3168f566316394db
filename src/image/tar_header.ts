/**
 * One block of a tar archive, and the extended records that stand before it. Pure.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header"; GNU tar manual, "Basic Tar Format".
 */

import { decodeBytes } from "../../ffi/cstring.ts";
import { CtrError } from "../errors.ts";

/** Everything in an archive is padded to a multiple of it. */
export const BLOCK = 512;

/** A header block as it stands there, before extended records change what it says. */
export interface TarHeader {
  readonly name: string;
  /** The type's letter: "0" is a file, "5" a directory. */
  readonly type: string;
  /** Permissions and setuid bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly linkName: string;
  readonly devMajor: number;
  readonly devMinor: number;
}

/** Offset and length of each field. */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  linkName: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  devMajor: [329, 8],
  devMinor: [337, 8],
  prefix: [345, 155],
} as const;
/** Where the type's letter stands. */
export const TYPE_AT = 156;
const BLANK = 0x20;
const ZERO = 0x30;

const decoder = new TextDecoder();

/** An archive that can't be read: says at which byte, and why. */
export function tarError(offset: number, why: string): CtrError {
  return new CtrError("usage", `Cannot read the archive at byte ${offset}: ${why}`, {
    hint: "Get the archive again: it is damaged, or no tar archive",
  });
}

/** Whether a block is nothing but zeros: two of them end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < BLOCK; at++) if (block[at] !== 0) return false;
  return true;
}

/** Reads a header block that begins at byte `offset` of its archive. @throws {CtrError} code "usage" */
export function parseTarHeader(block: Uint8Array, offset: number): TarHeader {
  const number = (field: keyof typeof FIELD) => parseNumber(block, FIELD[field], offset);
  const text = (field: keyof typeof FIELD) => parseText(block, FIELD[field]);
  if (offset === 0 && !text("magic").startsWith("ustar") && !/^ *[0-7]+ *$/.test(text("checksum"))) {
    throw tarError(offset, "it does not begin as a tar archive does");
  }
  refuseWrongSum(block, number("checksum"), offset);
  const prefix = text("magic") === "ustar" ? text("prefix") : "";
  const size = number("size");
  if (size < 0) throw tarError(offset, "a size is negative");
  return {
    name: prefix === "" ? text("name") : `${prefix}/${text("name")}`,
    type: String.fromCharCode(block[TYPE_AT]!),
    mode: number("mode") & 0o7777,
    uid: number("uid"),
    gid: number("gid"),
    size,
    mtime: number("mtime"),
    linkName: text("linkName"),
    devMajor: number("devMajor"),
    devMinor: number("devMinor"),
  };
}

/** Some old programs added the bytes up as signed ones. */
function refuseWrongSum(block: Uint8Array, told: number, offset: number): void {
  const [start, length] = FIELD.checksum;
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= start && at < start + length ? BLANK : block[at]!;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  if (told !== unsigned && told !== signed) throw tarError(offset, "the checksum of a header is wrong");
}

type Range = readonly [start: number, length: number];

/** Gives a text up to its NUL, or all of its field. */
function parseText(block: Uint8Array, [start, length]: Range): string {
  if (block[start] === 0) return "";
  const end = block.indexOf(0, start);
  return decodeBytes(block.subarray(start, end < 0 || end > start + length ? start + length : end));
}

/** Octal digits, or, where the first bit is set, a big-endian number of the other bits (GNU). */
function parseNumber(block: Uint8Array, [start, length]: Range, offset: number): number {
  const first = block[start]!;
  if (first >= 0x80) {
    let value = first === 0xff ? -1 : first & 0x7f;
    for (let at = start + 1; at < start + length; at++) value = value * 256 + block[at]!;
    if (Number.isSafeInteger(value)) return value;
    throw tarError(offset, "a number is too large");
  }
  let at = start;
  const end = start + length;
  while (at < end && block[at] === BLANK) at++;
  let value = 0;
  for (; at < end && block[at]! >= ZERO && block[at]! < ZERO + 8; at++) value = value * 8 + block[at]! - ZERO;
  if (at === end || block[at] === 0 || block[at] === BLANK) return value;
  throw tarError(offset, `${JSON.stringify(parseText(block, [start, length]))} is no octal number`);
}

/** Keys and values of extended records. Values may be any bytes. */
export type PaxRecords = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Reads records of the form `LENGTH KEY=VALUE\n`, the length that of the whole. @throws {CtrError} code "usage" */
export function parsePax(data: Uint8Array<ArrayBuffer>, offset: number): PaxRecords {
  const records = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = 0;
  while (at < data.length) {
    const blank = data.indexOf(BLANK, at);
    const length = blank < 0 ? NaN : Number(decoder.decode(data.subarray(at, blank)));
    const end = at + length;
    if (!Number.isInteger(length) || end <= blank + 1 || end > data.length || data[end - 1] !== 0x0a) {
      throw tarError(offset, "an extended header is damaged");
    }
    const equals = data.indexOf(0x3d, blank);
    if (equals < 0 || equals >= end) throw tarError(offset, "an extended header has no =");
    records.set(decoder.decode(data.subarray(blank + 1, equals)), data.slice(equals + 1, end - 1));
    at = end;
  }
  return records;
}
