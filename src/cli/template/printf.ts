/** Go's printf. Pure. */

import { formatValue } from "./format_value.ts";
import { Fault } from "./template_error.ts";
import { valueOf } from "./values.ts";

const VERB = /%([-+# 0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?([^]?)/gu;
const LETTERS = "vsqdtxXcUoObeEfFgG";

/** Wider than any terminal, and a bound to what a template can fill the memory with. */
const MAX_WIDTH = 10_000;

/**
 * Writes `values` as `format` says.
 *
 * @throws {Fault} for a verb that there is not or that is not for its value, and where there are too many values or
 * too few: Go would print the mistake into the text
 */
export function printf(format: string, values: readonly unknown[]): string {
  let next = 0;
  const take = (verb: string): unknown => {
    if (next < values.length) return values[next++];
    throw new Fault(
      `there is no value for ${verb}`,
      `Give printf a value for each verb, and write %% for a percent sign`,
    );
  };
  const text = format.replace(
    VERB,
    (whole, flags: string, width?: string, precision?: string, letter = "") => {
      if (letter === "%") return "%";
      if (letter === "" || !LETTERS.includes(letter)) throw badVerb(whole);
      if (flags.includes("#") && letter === "v") throw badVerb(whole);
      const [size, isLeft] = readWidth(width === "*" ? take(whole) : Number(width ?? 0));
      const digits = precision === undefined
        ? undefined
        : readWidth(precision === "*" ? take(whole) : Number(precision))[0];
      return formatValue(take(whole), {
        letter,
        flags: isLeft ? `${flags}-` : flags,
        width: size,
        precision: digits,
      });
    },
  );
  if (next === values.length) return text;
  throw new Fault(
    `it has values for ${values.length} verbs, and the text has ${next}`,
    "Write a verb for each value",
  );
}

function badVerb(verb: string): Fault {
  return new Fault(
    `${JSON.stringify(verb)} is no verb that is known here`,
    "Write one of %s %v %d %q %t %x %f, or %% for a percent sign",
  );
}

/** A width, and whether it was negative, which means on the left. */
function readWidth(given: unknown): readonly [number, boolean] {
  const value = valueOf(given);
  const width = value.kind === "int" ? Number(value.value) : NaN;
  if (!(Math.abs(width) <= MAX_WIDTH)) throw new Fault(`a width is a whole number up to ${MAX_WIDTH}`);
  return [Math.abs(width), width < 0];
}
