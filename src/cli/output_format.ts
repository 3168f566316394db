/** `--format`: text for people, json for programs, or a template of one's own. */

import { CtrError } from "../errors.ts";
import { callerEnv } from "../executable/caller_env.ts";
import type { ValueRow } from "./declaration.ts";
import { noFormat } from "./no_format.ts";

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

/** The row of a command that also takes templates; docker's has the short name too. */
export const TEMPLATE_OPTION = {
  name: "format",
  long: "--format",
  short: "-f",
  placeholder: "format",
  kind: FORMATS,
  description: "text (default), json, or a template as docker has them",
} as const satisfies ValueRow;

/** How one value can be shown; only what is asked for is made. */
export interface Views {
  readonly text: () => string;
  readonly json: () => unknown;
  /** What a template sees: see template/template.ts. */
  readonly data: () => unknown;
}

/**
 * Reads a format; what it gives renders by it.
 *
 * @throws {CtrError} code "usage" for a mistake in a template, and for what is no format
 */
export async function parseFormatOfOne(format: string = "text"): Promise<(views: Views) => string> {
  if (format === "text") return ({ text }) => text();
  if (format === "json") return ({ json }) => renderJson(json());
  if (!format.includes("{{")) throw noFormat(format, FORMATS);
  const { parseTemplate } = await import("./template/template.ts");
  const template = parseTemplate(format);
  return ({ data }) => `${template.render(data())}\n`;
}

/** Renders a value as JSON for programs and people. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Whether standard output shows colours: a terminal, and nobody who asked for none (https://no-color.org). */
export function hasColour(): boolean {
  return Deno.stdout.isTerminal() && !callerEnv().NO_COLOR;
}
