/** Stands in for node:util in commander, which measures the width of a text without its colours. */

/** Control sequences: ESC [ parameters, intermediates, final. Source: ECMA-48, 5.4. */
// deno-lint-ignore no-control-regex
const CONTROL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** Removes what sets colours and moves the cursor. */
export function stripVTControlCharacters(text: string): string {
  return text.replace(CONTROL_SEQUENCE, "");
}
