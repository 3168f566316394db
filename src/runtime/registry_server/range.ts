/** A part of a blob. Pure. Source: RFC 9110, 14.1 and 14.2. */

/** Bytes of a file: the first, and how many. */
export interface Slice {
  readonly start: number;
  readonly length: number;
}

/** Reads a header `Range`: one part. Undefined for what may be ignored, "unsatisfiable" for what lies behind the end. */
export function parseRange(header: string | null, size: number): Slice | "unsatisfiable" | undefined {
  const [found, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (found === undefined || first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, length };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, length: end - start + 1 };
}
