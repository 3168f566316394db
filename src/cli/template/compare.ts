/** Go's eq, ne, lt, le, gt and ge. Pure. */

import { Fault } from "./template_error.ts";
import { compareTexts, KIND_NAMES, type Value, valueOf } from "./values.ts";

/**
 * Whether the first value is one of the others.
 *
 * @throws {Fault} for values of two kinds, such as 1 and 1.0, for two lists, maps or objects, and without another value
 */
export function isEqual(given: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Fault("there is nothing to compare with");
  return others.some((other) => isSame(valueOf(given), valueOf(other)));
}

function isSame(a: Value, b: Value): boolean {
  if (a.kind === "nothing" || b.kind === "nothing") return isNothing(a, b);
  if (a.kind !== b.kind) throw twoKinds(a, b);
  if (a.kind === "list" || a.kind === "map" || a.kind === "struct" || a.kind === "method") {
    throw new Fault(`${KIND_NAMES[a.kind]} cannot be compared`, "Compare one of its values, or its len");
  }
  return a.value === b.value;
}

function isNothing(a: Value, b: Value): boolean {
  for (const { kind, value } of [a, b].map((each) => ({ value: undefined, ...each }))) {
    const isEmpty = (kind === "list" && value?.length === 0) || (kind === "map" && value?.size === 0);
    // In Go that may be nil or not; what docker would say is not known here.
    if (isEmpty) {
      throw new Fault(`${KIND_NAMES[kind]} that is empty cannot be compared with nil`, "Write if or not");
    }
  }
  return a.kind === b.kind;
}

/**
 * Orders two numbers or two texts: below 0, 0, or above.
 *
 * @throws {Fault} for values of other kinds, or of two
 */
export function compare(left: unknown, right: unknown): number {
  const [a, b] = [valueOf(left), valueOf(right)];
  for (const { kind } of [a, b]) {
    if (kind !== "int" && kind !== "float" && kind !== "string") {
      throw new Fault(`${KIND_NAMES[kind]} has no order`);
    }
  }
  if (a.kind === "int" && b.kind === "int") return a.value < b.value ? -1 : Number(a.value > b.value);
  if (a.kind === "float" && b.kind === "float") return a.value - b.value;
  if (a.kind === "string" && b.kind === "string") return compareTexts(a.value, b.value);
  throw twoKinds(a, b);
}

function twoKinds(a: Value, b: Value): Fault {
  const isNumber = [a, b].every(({ kind }) => kind === "int" || kind === "float");
  return new Fault(
    `${KIND_NAMES[a.kind]} and ${KIND_NAMES[b.kind]} cannot be compared`,
    isNumber ? "Write both as 1, or both as 1.0" : undefined,
  );
}
