/**
 * Renders a word of bits with the kernel's names.
 * Pure.
 */

/** Bits by name; the rows of a table in this folder. */
export type FlagTable = Readonly<Record<string, number | bigint>>;

function bitCount(value: bigint): number {
  let count = 0;
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++;
  return count;
}

/**
 * Renders `value` with the names of `table`, in the table's order: `MS_RDONLY|MS_BIND|0x200`.
 *
 * Bits without a name stay visible as one hexadecimal number; 0 is `"0"`. A name of several bits
 * (O_TMPFILE) is taken before the names of its parts (O_DIRECTORY). A negative number means its
 * 32-bit pattern, so that a word made with `|` of numbers reads right.
 */
export function renderFlags(table: FlagTable, value: number | bigint): string {
  let rest = typeof value === "number" && value < 0 ? BigInt.asUintN(32, BigInt(value)) : BigInt(value);
  const rows = Object.entries(table).map(([name, bits]) => ({ name, bits: BigInt(bits), taken: false }));
  for (const row of rows.toSorted((a, b) => bitCount(b.bits) - bitCount(a.bits))) {
    if (row.bits <= 0n || (rest & row.bits) !== row.bits) continue;
    row.taken = true;
    rest &= ~row.bits;
  }
  const parts = rows.filter((row) => row.taken).map((row) => row.name);
  if (rest !== 0n || parts.length === 0) parts.push(rest === 0n ? "0" : `0x${rest.toString(16)}`);
  return parts.join("|");
}

/** Gives the name of a number that is no set of bits (FSCONFIG_*, PR_*), or the number as text. */
export function renderName(table: FlagTable, value: number | bigint): string {
  const row = Object.entries(table).find(([, number]) => BigInt(number) === BigInt(value));
  return row === undefined ? String(value) : row[0];
}
