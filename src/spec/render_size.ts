/** Renders sizes as docker does. Pure. Source: docker/go-units, HumanSizeWithPrecision. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Renders bytes in units of a thousand, with three digits: `0B`, `1.5kB`, `77.8MB`. */
export function renderSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(3))}${UNITS[unit]}`;
}
