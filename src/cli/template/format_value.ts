/** Writes values as Go's package fmt does: `%v` and the other verbs of printf. Pure. */

import { formatFloat } from "./format_float.ts";
import { quoteCharacter, quoteText } from "./quote.ts";
import { Fault } from "./template_error.ts";
import { fieldsOf, KIND_NAMES, sortedEntries, type Value, valueOf } from "./values.ts";

/** A verb with its flags, as in `%-10s`. */
export interface Verb {
  readonly letter: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/** `%v`, as a template prints values. */
const PLAIN: Verb = { letter: "v", flags: "", width: 0, precision: undefined };

/** Writes a value as `{{.}}` does; nil is `<nil>`. */
export function formatPlain(value: unknown): string {
  return formatValue(value, PLAIN);
}

/** Joins values as Go's Sprint does: with a blank between two neighbours of which none is a text. */
export function formatAll(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const isApart = index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string";
      return `${isApart ? " " : ""}${formatPlain(value)}`;
    })
    .join("");
}

/**
 * Writes a value by a verb; the elements of lists, maps and objects each.
 *
 * @throws {Fault} where the verb is none for such a value: Go would print the mistake into the text
 */
export function formatValue(given: unknown, verb: Verb): string {
  const value = valueOf(given);
  const each = (element: unknown) => formatValue(element, verb);
  switch (value.kind) {
    case "list":
      return `[${value.value.map(each).join(" ")}]`;
    case "map":
      return `map[${
        sortedEntries(value.value).map(([key, element]) => `${each(key)}:${each(element)}`).join(" ")
      }]`;
    case "struct": {
      const name = (field: string) => verb.letter === "v" && verb.flags.includes("+") ? `${field}:` : "";
      return `{${fieldsOf(value.value).map(([key, field]) => name(key) + each(field)).join(" ")}}`;
    }
    default:
      return formatScalar(value, verb);
  }
}

function formatScalar(value: Value, verb: Verb): string {
  const { letter } = verb;
  switch (value.kind) {
    case "nothing":
      if (letter === "v") return pad("<nil>", verb);
      // As Go has it; of a pointer it would tell the type, which is not known here.
      if (!value.isPointer) return `%!${letter}(<nil>)`;
      break;
    case "bool":
      if ("vt".includes(letter)) return pad(String(value.value), verb);
      break;
    case "int":
      if ("vdboOxXcqU".includes(letter)) return formatInteger(value.value, verb);
      break;
    case "float":
      if ("veEfFgG".includes(letter)) return formatFloating(value.value, verb);
      break;
    case "string":
      if ("vsqxX".includes(letter)) return formatText(value.value, verb);
      break;
    default:
      break;
  }
  throw new Fault(`%${letter} is not for ${KIND_NAMES[value.kind]}`, "Write %v, which is for everything");
}

function formatText(text: string, verb: Verb): string {
  const { letter, precision, flags } = verb;
  if (letter === "x" || letter === "X") return pad(hexadecimal(text, verb), verb);
  const cut = precision === undefined ? text : [...text].slice(0, precision).join("");
  if (letter !== "q") return pad(cut, verb);
  // A back quote or a control character can't stand in back quotes.
  const isRaw = flags.includes("#") && !/[`\p{Cc}\ufeff]/u.test(cut.replaceAll("\t", ""));
  return pad(isRaw ? `\`${cut}\`` : quoteText(cut), verb);
}

function hexadecimal(text: string, { letter, precision, flags }: Verb): string {
  const bytes = [...new TextEncoder().encode(text)].slice(0, precision);
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const isApart = flags.includes(" ");
  const prefix = flags.includes("#") && bytes.length > 0 ? "0x" : "";
  const written = prefix + digits.join(isApart ? ` ${prefix}` : "");
  return letter === "X" ? written.toUpperCase() : written;
}

const RADIX: Readonly<Record<string, number>> = { b: 2, o: 8, O: 8, x: 16, X: 16 };
const PREFIX: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0x" };

function formatInteger(value: bigint, verb: Verb): string {
  const { letter, flags, precision, width } = verb;
  if (letter === "c" || letter === "q" || letter === "U") return pad(formatCharacter(value, letter), verb);
  const sign = signOf(value < 0n, verb);
  const hasPrefix = flags.includes("#") && letter !== "v";
  const prefix = letter === "O" ? "0o" : hasPrefix ? PREFIX[letter] ?? "" : "";
  let digits = (value < 0n ? -value : value).toString(RADIX[letter] ?? 10);
  if (precision === 0 && value === 0n) return pad("", { ...verb, flags: flags.replaceAll("0", "") });
  // As in C, zeros fill the width only where no precision says how many digits there are.
  const isFilled = isZeroFilled(flags) && precision === undefined;
  digits = digits.padStart(isFilled ? width - sign.length : precision ?? 0, "0");
  const written = letter === "o" && digits.startsWith("0") ? sign + digits : sign + prefix + digits;
  return pad(letter === "X" ? written.toUpperCase() : written, { ...verb, flags: flags.replaceAll("0", "") });
}

function formatCharacter(value: bigint, letter: string): string {
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  if (letter === "U") {
    if (value < 0n) throw new Fault("%U is not for a negative number");
    return `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  const character = isValid ? String.fromCodePoint(Number(value)) : "\ufffd";
  return letter === "q" ? quoteCharacter(character) : character;
}

function formatFloating(value: number, verb: Verb): string {
  const { letter, flags, precision, width } = verb;
  const digits = formatFloat(Math.abs(value), letter === "v" ? "g" : letter, precision);
  const sign = signOf(value < 0 || Object.is(value, -0), verb);
  const isFilled = isZeroFilled(flags);
  const written = sign + digits.padStart(isFilled ? width - sign.length : 0, "0");
  return pad(written, { ...verb, flags: flags.replaceAll("0", "") });
}

function signOf(isNegative: boolean, { letter, flags }: Verb): string {
  if (isNegative) return "-";
  // %+v is about the names of fields.
  return flags.includes("+") && letter !== "v" ? "+" : flags.includes(" ") ? " " : "";
}

function isZeroFilled(flags: string): boolean {
  return flags.includes("0") && !flags.includes("-");
}

/** Fills up to the width, counted in characters. */
function pad(text: string, { flags, width }: Verb): string {
  const filling = (isZeroFilled(flags) ? "0" : " ").repeat(Math.max(0, width - [...text].length));
  return flags.includes("-") ? text + filling : filling + text;
}
