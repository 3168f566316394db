/** Parses amounts of bytes as docker and podman write them. Pure. */

const UNITS = "bkmgtp";

/**
 * Returns the bytes that `64m`, `1.5g`, `100KiB` or `4096` stand for: multiples are of 1024, whatever the unit is
 * called. Undefined for a text that is none, or beyond 2^53.
 */
export function maybeSize(text: string): number | undefined {
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?) ?([bkmgtp]?)(?:(?<=[kmgtp])i?b?)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.floor(Number(number) * 1024 ** Math.max(0, UNITS.indexOf(unit.toLowerCase())));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
