/** Files with holes in a tar archive: GNU's four ways to say where the data belongs. Pure. */

import { decodeBytes } from "../../ffi/cstring.ts";
import { type PaxRecords, tarError } from "./tar_header.ts";

/** Data that is there: its place in the file, in bytes. */
export interface SparsePart {
  readonly offset: number;
  readonly size: number;
}

/** What an archive says of a file with holes. */
export interface SparseFile {
  readonly parts: readonly SparsePart[];
  /** Of the whole file. */
  readonly size: number;
  /** The name, where the header has another one in its place. */
  readonly name?: string;
}

type Block = Uint8Array<ArrayBuffer>;

/** Pairs of a map: more would be a map to fill memory with. */
const MAX_PARTS = 1_000_000;
const decoder = new TextDecoder();

/** Reads what extended records say; undefined for a file without holes. `map` gives the text that stands before the data. */
export async function sparseOf(
  records: PaxRecords,
  map: () => Promise<string>,
  offset: number,
): Promise<SparseFile | undefined> {
  const get = (key: string) => {
    const value = records.get(`GNU.sparse.${key}`);
    return value === undefined ? undefined : decodeBytes(value);
  };
  const name = get("name");
  const named = name === undefined ? {} : { name };
  if (get("major") === "1") {
    const numbers = (await map()).trimEnd().split("\n").slice(1).map(Number);
    return { parts: pairs(numbers, offset), size: count(get("realsize"), offset), ...named };
  }
  const list = get("map");
  if (list === undefined) {
    if (get("numblocks") === undefined) return undefined;
    throw tarError(
      offset,
      "a sparse file is written in the form 0.0: pack it anew with --sparse-version=1.0",
    );
  }
  return { parts: pairs(list.split(",").map(Number), offset), size: count(get("size"), offset), ...named };
}

/** Reads the map in blocks before the data: a count, then twice as many numbers, a line each. */
export async function readSparseText(next: () => Promise<Block>): Promise<string> {
  let text = "";
  while (true) {
    text += decoder.decode(await next());
    const lines = text.split("\n");
    const wanted = Number(lines[0]);
    if (lines.length === 1) continue;
    if (!Number.isInteger(wanted) || wanted < 0 || wanted > MAX_PARTS) {
      throw tarError(0, "a sparse map is damaged");
    }
    if (lines.length > 1 + 2 * wanted) return lines.slice(0, 1 + 2 * wanted).join("\n");
  }
}

/** Where the old form has its pairs, in the header and in blocks behind it; and what else it has there. */
const OLD = {
  inHeader: 386,
  pairsInHeader: 4,
  isExtended: 482,
  size: 483,
  pairsInBlock: 21,
  isMore: 504,
} as const;
const PAIR = 24;
const NUMBER = 12;

/** Reads the map of an entry of type S; `next` gives the blocks behind the header. */
export async function oldSparseMap(
  header: Block,
  next: () => Promise<Block | undefined>,
  offset: number,
): Promise<SparseFile> {
  const numbers = oldPairs(header, OLD.inHeader, OLD.pairsInHeader, offset);
  let isMore = header[OLD.isExtended] !== 0;
  while (isMore) {
    const block = await next();
    if (block === undefined || numbers.length > 2 * MAX_PARTS) {
      throw tarError(offset, "a sparse map is damaged");
    }
    numbers.push(...oldPairs(block, 0, OLD.pairsInBlock, offset));
    isMore = block[OLD.isMore] !== 0;
  }
  return { parts: pairs(numbers, offset), size: octal(header, OLD.size, offset) };
}

function oldPairs(block: Block, start: number, most: number, offset: number): number[] {
  const numbers: number[] = [];
  for (let at = start; at < start + most * PAIR && block[at] !== 0; at += PAIR) {
    numbers.push(octal(block, at, offset), octal(block, at + NUMBER, offset));
  }
  return numbers;
}

function octal(block: Block, at: number, offset: number): number {
  const text = decoder.decode(block.subarray(at, at + NUMBER)).replace(/[\0 ]+$/, "").trimStart();
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  throw tarError(offset, "a sparse map is damaged");
}

/** In order, and apart from each other: else data would be written over data. */
function pairs(numbers: readonly number[], offset: number): SparsePart[] {
  const parts: SparsePart[] = [];
  let end = 0;
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    const [start, size] = [numbers[at]!, numbers[at + 1]!];
    if (!Number.isSafeInteger(start + size) || start < end || size < 0) {
      throw tarError(offset, "a sparse map is damaged");
    }
    if (size > 0) parts.push({ offset: start, size });
    end = start + size;
  }
  return parts;
}

function count(text: string | undefined, offset: number): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw tarError(offset, "the size of a sparse file is missing");
}
