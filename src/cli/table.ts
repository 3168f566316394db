/** Renders aligned columns as docker does. Pure. Source: Go's text/tabwriter with docker's settings. */

const MIN_WIDTH = 10;
const PADDING = 3;

/** Renders rows of cells: each column as wide as its longest cell and three blanks, ten at least. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(MIN_WIDTH, ...rows.map((row) => width(row[column] ?? "") + PADDING))
  );
  return rows.map((row) => `${renderRow(row, widths)}\n`).join("");
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell))
    )
    .join("");
}

function width(cell: string): number {
  return [...cell].length;
}
