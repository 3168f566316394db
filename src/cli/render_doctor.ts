/** Renders what `myctr doctor` found. Pure. */

import type { Check, CheckState } from "../doctor/check.ts";
import type { Diagnosis } from "../doctor/judge.ts";

/** Sources: ECMA-48, SGR. */
const COLOURS: Readonly<Record<CheckState, string>> = {
  ok: "\x1b[32m",
  limited: "\x1b[33m",
  missing: "\x1b[31m",
};
const PLAIN = "\x1b[0m";
const STATE_WIDTH = "missing".length + 2;

/** Renders the verdict, a line for each check, and for what is not well what that costs and how to get it. */
export function renderDiagnosis({ verdict, checks }: Diagnosis, hasColour: boolean): string {
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const found = Math.min(60, Math.max(...checks.map((check) => check.found.length)));
  const lines = checks.flatMap((check) => renderCheck(check, { width, found, hasColour }));
  return `${[`${verdict}.`, "", ...lines].join("\n")}\n`;
}

interface Columns {
  readonly width: number;
  readonly found: number;
  readonly hasColour: boolean;
}

function renderCheck({ name, state, found, from, lost, remedy }: Check, columns: Columns): string[] {
  const { width, hasColour } = columns;
  const word = hasColour ? `${COLOURS[state]}${state}${PLAIN}` : state;
  const margin = " ".repeat(STATE_WIDTH + width);
  const head = `${word}${" ".repeat(STATE_WIDTH - state.length)}${name.padEnd(width)}`;
  return [
    `${head}${found.padEnd(columns.found)}  [${from}]`,
    ...(lost === undefined ? [] : [`${margin}lost  ${lost}`]),
    ...(remedy === undefined ? [] : [`${margin}get   ${remedy}`]),
  ];
}
