/** Renders sizes as docker does, and what of them is missing. Pure. Source: docker/go-units, HumanSizeWithPrecision. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Renders bytes in units of a thousand, with three digits: `0B`, `1.5kB`, `77.8MB`. */
export function renderSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${Number(size.toPrecision(3))}${UNITS[unit]}`;
}

/** Says what could not be measured, lest a size be taken for all of it; nothing where all of it was. */
export function renderHidden(name: string, hiddenCount: number): string {
  if (hiddenCount === 0) return "";
  return `myctr: note: of "${name}" ${hiddenCount} directories of its other users were not measured\n`;
}
