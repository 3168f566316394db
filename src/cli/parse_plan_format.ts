/** Parses what may stand behind `--dry-run=` and `--explain=`. Pure. */

import { CtrError } from "../errors.ts";

/** The words; without one it is text. */
export const PLAN_FORMATS = ["json", "text"] as const;

/** Parses the word: text is what the flag alone means. @throws {CtrError} code "usage" */
export function parsePlanFormat(text: string): "json" | true {
  if (text === "json") return text;
  if (text === "text") return true;
  throw new CtrError("usage", `Cannot print a plan as ${JSON.stringify(text)}: the form is json or text`, {
    hint: "Write --dry-run=json or --explain=json",
  });
}
