/** Go's index, slice and len. Pure. */

import { didYouMean } from "../../spec/nearest.ts";
import { Fault } from "./template_error.ts";
import { KIND_NAMES, kindName, type Value, valueOf } from "./values.ts";

/**
 * Gives `given[a][b]…`; of a map that has no such key, its zero value.
 *
 * @throws {Fault} for an index out of range, and for what has none
 */
export function indexValue(given: unknown, indices: readonly unknown[]): unknown {
  return indices.reduce(indexOnce, given);
}

function indexOnce(given: unknown, index: unknown): unknown {
  const value = valueOf(given);
  switch (value.kind) {
    case "map": {
      if (typeof index !== "string") throw new Fault(`a map has texts for keys, not ${kindName(index)}`);
      return value.value.has(index) ? value.value.get(index) : value.value.zero;
    }
    case "list":
      return value.value[readIndex(index, value.value.length)];
    case "string": {
      const bytes = new TextEncoder().encode(value.value);
      return bytes[readIndex(index, bytes.length)];
    }
    case "struct":
      throw new Fault(
        "an object has fields, and no index",
        didYouMean(String(index), Object.keys(value.value), "Write .Name for the field Name"),
      );
    default:
      throw new Fault(`${KIND_NAMES[value.kind]} has no index`);
  }
}

/** An index below `length`, or up to `end` where the end itself is meant too. */
function readIndex(given: unknown, length: number, end = length - 1): number {
  const index = valueOf(given);
  if (index.kind !== "int") throw new Fault(`an index is a whole number, not ${KIND_NAMES[index.kind]}`);
  if (index.value >= 0n && index.value <= BigInt(end)) return Number(index.value);
  throw new Fault(`index ${index.value} is out of range: the length is ${length}`);
}

/** Gives a part of a text, in bytes, or of a list: from the first index up to the second, which is not in it. */
export function sliceValue(given: unknown, indices: readonly unknown[]): unknown {
  const value = valueOf(given);
  if (value.kind !== "string" && value.kind !== "list") {
    throw new Fault(`${KIND_NAMES[value.kind]} has no parts`);
  }
  if (indices.length > (value.kind === "string" ? 2 : 3)) throw new Fault("there are too many indices");
  const items = value.kind === "string" ? new TextEncoder().encode(value.value) : value.value;
  const [from = 0, to = items.length, capacity = items.length] = indices.map((each) =>
    readIndex(each, items.length, items.length)
  );
  if (from > to || to > capacity) throw new Fault(`${indices.join(" and ")} are not in order`);
  return items instanceof Uint8Array ? decodeWhole(items.subarray(from, to)) : items.slice(from, to);
}

/** A text of the bytes; what is left of a character that was cut through is left out. */
export function decodeWhole(bytes: Uint8Array): string {
  const isPart = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
  const from = bytes.findIndex((byte) => !isPart(byte));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(Math.max(from, 0)), {
    stream: true,
  });
}

/**
 * Counts elements, or the bytes of a text.
 *
 * @throws {Fault} for what has no length
 */
export function lengthOf(given: unknown): number {
  const value: Value = valueOf(given);
  switch (value.kind) {
    case "string":
      return new TextEncoder().encode(value.value).length;
    case "list":
      return value.value.length;
    case "map":
      return value.value.size;
    default:
      throw new Fault(`${KIND_NAMES[value.kind]} has no length`);
  }
}
