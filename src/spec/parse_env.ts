/** Parses `-e NAME[=VALUE]` and the files of `--env-file`, by docker's rules. Pure. */

import { CtrError } from "../errors.ts";
import type { EnvSetting } from "./request.ts";

/** Go's unicode.IsSpace, which a byte order mark is not. */
const LEADING_BLANKS = /^(?:[^\S\uFEFF]|\u0085)+/;

/**
 * Parses the value of -e. Everything behind the first `=` is the value, as it is; without one there is no value.
 *
 * @throws {CtrError} code "usage" when the name is empty
 */
export function parseEnvSetting(text: string): EnvSetting {
  const setting = split(text);
  if (setting.name !== "") return setting;
  throw new CtrError("usage", `Cannot set environment variable ${JSON.stringify(text)}: the name is empty`, {
    hint: "Write NAME=VALUE, or NAME alone to copy it from your environment",
  });
}

/**
 * Parses an env file, or a label file, which has the same form. A byte order mark and leading blanks are dropped, lines that begin with `#` and blank lines
 * are skipped. Quotes and trailing blanks belong to the value.
 *
 * @throws {CtrError} code "usage", with the number of the line
 */
export function parseEnvFile(text: string, what = "env file"): readonly EnvSetting[] {
  const settings: EnvSetting[] = [];
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = raw.replace(/\r$/, "").replace(LEADING_BLANKS, "");
    if (line !== "" && !line.startsWith("#")) {
      settings.push(parseLine(line, `line ${index + 1} of the ${what}`));
    }
  }
  return settings;
}

function parseLine(line: string, place: string): EnvSetting {
  const setting = split(line);
  const problem = lineProblem(setting);
  if (problem === undefined) return setting;
  throw new CtrError("usage", `Cannot read ${place}: ${problem}`, {
    hint: "Write NAME=VALUE on a line of its own; quotes are not needed",
  });
}

function lineProblem({ name, value = "" }: EnvSetting): string | undefined {
  if (name === "") return "the name is empty";
  if (/[ \t]/.test(name)) return `the name ${JSON.stringify(name)} has a blank in it`;
  if (`${name}${value}`.includes("\0")) return "there is a NUL byte in it";
  // What a decoder puts where bytes are no UTF-8.
  if (`${name}${value}`.includes("\uFFFD")) return "it is not valid UTF-8";
  return undefined;
}

function split(text: string): EnvSetting {
  const end = text.indexOf("=");
  return end < 0 ? { name: text } : { name: text.slice(0, end), value: text.slice(end + 1) };
}
