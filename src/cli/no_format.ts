/** The error for a `--format` that is none. Pure. */

import { CtrError } from "../errors.ts";
import { didYouMean } from "../spec/nearest.ts";

/** For what is neither one of the words nor a template: docker would print it as it is. */
export function noFormat(format: string, words: readonly string[]): CtrError {
  const why = `it is neither ${words.join(" nor ")}, nor a template`;
  return new CtrError("usage", `Cannot use format ${JSON.stringify(format)}: ${why}`, {
    hint: didYouMean(format, words, "Write a field of the template in braces, such as {{.Name}}"),
  });
}
