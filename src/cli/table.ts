/** Aligns columns as docker does. Pure. Source: Go's text/tabwriter with docker's settings. */

const MIN_WIDTH = 10;
const PADDING = 3;

/** Renders rows of cells: each column as wide as its longest cell and three blanks, `minWidth` at least. */
export function renderTable(rows: readonly (readonly string[])[], minWidth = MIN_WIDTH): string {
  return alignCells(rows, minWidth);
}

/**
 * Aligns lines whose cells end with a tab. The last cell of a line belongs to no column. A column goes on only as far
 * as the lines next to each other have it.
 */
export function alignTabs(text: string): string {
  return alignCells(text.replace(/\n$/, "").split("\n").map((line) => line.split("\t")), MIN_WIDTH);
}

function alignCells(lines: readonly (readonly string[])[], minWidth: number): string {
  const columns = Math.max(0, ...lines.map((line) => line.length - 1));
  const widths = lines.map((): number[] => []);
  for (let column = 0; column < columns; column++) setWidths(lines, { column, minWidth, widths });
  return lines.map((line, index) => `${renderLine(line, widths[index] ?? [])}\n`).join("");
}

/** Gives each run of lines that have the column the width of the longest cell in it. */
function setWidths(
  lines: readonly (readonly string[])[],
  { column, minWidth, widths }: {
    readonly column: number;
    readonly minWidth: number;
    readonly widths: readonly number[][];
  },
): void {
  for (let start = 0; start < lines.length; start++) {
    let end = start;
    let width = minWidth;
    for (let line = lines[end]; line !== undefined && column < line.length - 1; line = lines[++end]) {
      width = Math.max(width, length(line[column] ?? "") + PADDING);
    }
    for (let index = start; index < end; index++) (widths[index] ?? [])[column] = width;
    start = Math.max(start, end);
  }
}

function renderLine(line: readonly string[], widths: readonly number[]): string {
  return line.map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - length(cell))))
    .join("");
}

function length(cell: string): number {
  return /^[ -~]*$/.test(cell) ? cell.length : [...cell].length;
}
