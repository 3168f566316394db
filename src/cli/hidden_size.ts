/** Says of sizes what is missing in them. Pure. */

/** Says what could not be measured, lest a size be taken for all of it; nothing where all of it was. */
export function renderHidden(name: string, hiddenCount: number): string {
  if (hiddenCount === 0) return "";
  return `myctr: note: of "${name}" ${hiddenCount} directories of its other users were not measured\n`;
}
