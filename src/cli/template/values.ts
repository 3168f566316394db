/**
 * The values that a template works with, as Go has them. A plain object is a struct: a field that it has not is an
 * error. A `GoMap` is a map: a key that it has not is `<no value>`. A function in a struct is a method. A whole number
 * is an int, another number or a `Float` a float64, `null` a nil pointer, `undefined` no value. Pure.
 */

/** A map from texts. */
export class GoMap<Value = unknown> extends Map<string, Value> {
  /** What `index` gives for a key that is not there: "" in a map of texts, [] in one of lists, null of pointers. */
  readonly zero: Value | undefined;

  constructor(zero: Value | undefined, entries: Iterable<readonly [string, Value]> = []) {
    super(entries);
    this.zero = zero;
  }
}

/** A float64, also where it is a whole number: Go keeps 1.0 and 1 apart. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A struct: fields, and methods where the value is a function. */
export type Struct = Readonly<Record<string, unknown>>;

/** What a struct can be asked for with texts. */
export type Method = (...asked: string[]) => unknown;

/** What a value is. */
export type Kind = "nothing" | "bool" | "int" | "float" | "string" | "list" | "map" | "struct" | "method";

/** A value with its kind; whole numbers are bigints, so that 64 bits are exact. */
export type Value =
  | { readonly kind: "nothing"; readonly isPointer: boolean }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list"; readonly value: readonly unknown[] }
  | { readonly kind: "map"; readonly value: GoMap }
  | { readonly kind: "struct"; readonly value: Struct }
  | { readonly kind: "method"; readonly value: Method };

/** What a person calls each kind. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  nothing: "nil",
  bool: "true or false",
  int: "a whole number",
  float: "a number with a fraction",
  string: "a text",
  list: "a list",
  map: "a map",
  struct: "an object",
  method: "a method",
};

/** Tells what a value is. */
export function valueOf(value: unknown): Value {
  switch (typeof value) {
    case "undefined":
      return { kind: "nothing", isPointer: false };
    case "boolean":
      return { kind: "bool", value };
    case "bigint":
      return { kind: "int", value };
    case "number":
      return Number.isInteger(value) ? { kind: "int", value: BigInt(value) } : { kind: "float", value };
    case "string":
      return { kind: "string", value };
    case "function":
      return { kind: "method", value: value as Method };
    default:
      return objectValue(value);
  }
}

function objectValue(value: unknown): Value {
  if (value === null) return { kind: "nothing", isPointer: true };
  if (Array.isArray(value)) return { kind: "list", value };
  if (value instanceof GoMap) return { kind: "map", value };
  if (value instanceof Float) return { kind: "float", value: value.value };
  if (value instanceof Map) throw new TypeError("A template needs a GoMap, which knows its zero value");
  return { kind: "struct", value: value as Struct };
}

/** Whether the value is a method. */
export function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}

/** Names the kind of a value for people. */
export function kindName(value: unknown): string {
  return KIND_NAMES[valueOf(value).kind];
}

/** Whether `if` takes the value: not for false, 0, nil, and what is empty. */
export function isTrue(given: unknown): boolean {
  const { kind, value } = { value: undefined, ...valueOf(given) };
  switch (kind) {
    case "nothing":
      return false;
    case "struct":
    case "method":
      return true;
    case "string":
    case "list":
      return (value as string | readonly unknown[]).length > 0;
    case "map":
      return (value as GoMap).size > 0;
    default:
      return Boolean(value);
  }
}

/** The entries of a map by key, as Go orders them. */
export function sortedEntries(map: GoMap): readonly (readonly [string, unknown])[] {
  return [...map].sort(([a], [b]) => compareTexts(a, b));
}

/** The fields of a struct, without its methods. */
export function fieldsOf(struct: Struct): readonly (readonly [string, unknown])[] {
  return Object.entries(struct).filter(([, value]) => typeof value !== "function");
}

/** Compares as Go does, by bytes of UTF-8, which is by code points; `<` of JavaScript goes by halves of them. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, index) => character !== right[index]);
  return (at < 0 ? -1 : left[at]?.codePointAt(0) ?? -1) - (at < 0 ? 0 : right[at]?.codePointAt(0) ?? -1);
}
