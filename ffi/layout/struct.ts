/**
 * Makes a codec for a C struct from a list of its fields.
 * Pure. Both machines that myctr knows are little-endian and align a field to its own size.
 */

/** How one value lies in memory; a struct within a struct gives more than it must be given. */
export interface Field<Value, Result = Value> {
  readonly size: number;
  readonly alignment: number;
  write(view: DataView, at: number, value: Value): void;
  read(view: DataView, at: number): Result;
}

/** Fields of a struct by name, in C's order. */
// deno-lint-ignore no-explicit-any -- a field is invariant in its value: only any takes them all
export type Fields = Readonly<Record<string, Field<any, any>>>;

/** What {@linkcode Struct.encode} takes: each field may be left out, and is zero then. */
export type Input<F extends Fields> = {
  readonly [Name in keyof F]?: F[Name] extends Field<infer Value, infer _> ? Value : never;
};

/** What {@linkcode Struct.decode} gives. */
export type Output<F extends Fields> = { readonly [Name in keyof F]: ReturnType<F[Name]["read"]> };

/** A struct's codec; a struct may also be a field of another. */
export interface Struct<F extends Fields> extends Field<Input<F>, Output<F>> {
  readonly name: string;
  /** Offsets by field name. */
  readonly offsets: { readonly [Name in keyof F]: number };
  /** Gives the bytes of a struct; fields left out and padding are zero. */
  encode(values: Input<F>): Uint8Array<ArrayBuffer>;
  /**
   * Reads a struct from the first bytes of `bytes`.
   *
   * @throws {RangeError} `bytes` is shorter than the struct.
   */
  decode(bytes: Uint8Array): Output<F>;
  /** Gives the offset of a field, as offsetof() does. */
  offsetOf(field: keyof F): number;
}

function checked(value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${value} is not an integer from ${min} to ${max}`);
}

function wide(value: bigint, isSigned: boolean): bigint {
  if (value === (isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) return value;
  throw new RangeError(`${value} does not fit 64 bits`);
}

/** unsigned char. */
export const u8: Field<number> = {
  size: 1,
  alignment: 1,
  write: (view, at, value) => view.setUint8(at, checked(value, 0, 0xff)),
  read: (view, at) => view.getUint8(at),
};

/** unsigned short. */
export const u16: Field<number> = {
  size: 2,
  alignment: 2,
  write: (view, at, value) => view.setUint16(at, checked(value, 0, 0xffff), true),
  read: (view, at) => view.getUint16(at, true),
};

/** short. */
export const i16: Field<number> = {
  size: 2,
  alignment: 2,
  write: (view, at, value) => view.setInt16(at, checked(value, -0x8000, 0x7fff), true),
  read: (view, at) => view.getInt16(at, true),
};

/** unsigned int. */
export const u32: Field<number> = {
  size: 4,
  alignment: 4,
  write: (view, at, value) => view.setUint32(at, checked(value, 0, 0xffff_ffff), true),
  read: (view, at) => view.getUint32(at, true),
};

/** int. */
export const i32: Field<number> = {
  size: 4,
  alignment: 4,
  write: (view, at, value) => view.setInt32(at, checked(value, -0x8000_0000, 0x7fff_ffff), true),
  read: (view, at) => view.getInt32(at, true),
};

/** unsigned long, a pointer, a size_t. */
export const u64: Field<bigint> = {
  size: 8,
  alignment: 8,
  write: (view, at, value) => view.setBigUint64(at, wide(value, false), true),
  read: (view, at) => view.getBigUint64(at, true),
};

/** long. */
export const i64: Field<bigint> = {
  size: 8,
  alignment: 8,
  write: (view, at, value) => view.setBigInt64(at, wide(value, true), true),
  read: (view, at) => view.getBigInt64(at, true),
};

/** Makes the field `element name[count]`; fewer values than `count` leave zeros behind them. */
export function array<Value>(element: Field<Value>, count: number): Field<readonly Value[]> {
  const { size, alignment } = element;
  return {
    size: size * count,
    alignment,
    write(view, at, values) {
      if (values.length > count) throw new RangeError(`${values.length} values for ${count} places`);
      values.forEach((value, index) => element.write(view, at + size * index, value));
    },
    read: (view, at) => Array.from({ length: count }, (_, index) => element.read(view, at + size * index)),
  };
}

interface Place {
  readonly name: string;
  readonly at: number;
  readonly field: Fields[string];
}

function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}

interface Layout {
  readonly places: readonly Place[];
  readonly offsets: Readonly<Record<string, number>>;
  readonly size: number;
  readonly alignment: number;
}

function layOut(fields: Fields): Layout {
  const places: Place[] = [];
  const offsets: Record<string, number> = {};
  let end = 0;
  let alignment = 1;
  for (const [name, field] of Object.entries(fields)) {
    const at = roundUp(end, field.alignment);
    places.push({ name, at, field });
    offsets[name] = at;
    end = at + field.size;
    alignment = Math.max(alignment, field.alignment);
  }
  return { places, offsets, size: roundUp(end, alignment), alignment };
}

/**
 * Makes the codec of `struct name` from its fields in C's order.
 *
 * 64-bit fields take and give bigint, all others number.
 *
 * @example
 * ```ts
 * import { i32, struct, u64 } from "./struct.ts";
 *
 * const pair = struct("pair", { fd: i32, address: u64 });
 * pair.encode({ address: 16n }); // 16 bytes, fd is 0
 * ```
 */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  // When it is first asked for: a program has many structs, and a command uses few of them.
  let laidOut: ReturnType<typeof layOut> | undefined;
  const layout = () => laidOut ??= layOut(fields);
  function write(view: DataView, at: number, values: Input<F>): void {
    for (const place of layout().places) {
      const value = values[place.name];
      if (value !== undefined) place.field.write(view, at + place.at, value);
    }
  }
  function read(view: DataView, at: number): Output<F> {
    const rows = layout().places.map((place) => [place.name, place.field.read(view, at + place.at)]);
    return Object.fromEntries(rows) as Output<F>;
  }
  return {
    name,
    get size() {
      return layout().size;
    },
    get alignment() {
      return layout().alignment;
    },
    get offsets() {
      return layout().offsets as Struct<F>["offsets"];
    },
    write,
    read,
    offsetOf: (field) => layout().offsets[field as string]!,
    encode(values) {
      const bytes = new Uint8Array(layout().size);
      write(new DataView(bytes.buffer), 0, values);
      return bytes;
    },
    decode(bytes) {
      const { size } = layout();
      if (bytes.length < size) throw new RangeError(`${bytes.length} bytes are no struct ${name}`);
      return read(new DataView(bytes.buffer, bytes.byteOffset, size), 0);
    },
  };
}
