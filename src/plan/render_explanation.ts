/** Renders explanations: a title, and below it terms in one column. Pure. */

import type { Explanation } from "./explain_word.ts";

const TERM_WIDTH = 7;

/** Renders them one after the other; a term that comes again is written once. */
export function renderExplanations(explanations: readonly Explanation[]): string {
  return explanations.map(renderOne).join("\n");
}

function renderOne({ title, rows }: Explanation): string {
  const lines = rows.map(([term, text], index) =>
    `  ${(rows[index - 1]?.[0] === term ? "" : term).padEnd(TERM_WIDTH)}${text}`
  );
  return `${[title, ...lines].join("\n")}\n`;
}
