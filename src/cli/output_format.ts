/** `--format`: text for people, json for programs. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import type { ValueRow } from "./declaration.ts";

const FORMATS = ["json", "text"] as const;

/** How a command's output is written. */
export type OutputFormat = typeof FORMATS[number];

/** The row of a command's table. */
export const FORMAT_OPTION = {
  name: "format",
  long: "--format",
  placeholder: "format",
  kind: FORMATS,
  description: "text (default), or json for programs",
  parse: parseFormat,
} as const satisfies ValueRow;

function parseFormat(text: string): OutputFormat {
  const found = FORMATS.find((format) => format === text);
  if (found !== undefined) return found;
  throw new CtrError("usage", `Cannot use format ${JSON.stringify(text)}: it is neither json nor text`, {
    hint: "Write --format json",
  });
}

/** Renders a value as JSON for programs and people. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Whether standard output shows colours: a terminal, and nobody who asked for none (https://no-color.org). */
export function hasColour(): boolean {
  return Deno.stdout.isTerminal() && !callerEnv().NO_COLOR;
}
