/** Texts and numbers as Go writes them. Pure. */

import { readEscapes, type Token } from "./lex.ts";
import { Fault } from "./template_error.ts";
import { Float } from "./values.ts";

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]))|[^\\]+/gu;
const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

/**
 * Reads the text or the number that a token is; a number with a dot or an exponent is a `Float`.
 *
 * @throws {Fault} for an escape that Go has not, for bytes that are no UTF-8, for what is no number, and for a whole
 * number that does not fit into 64 bits
 */
export function readLiteral({ kind, text }: Token, hasEscapes: boolean): unknown {
  const inside = text.slice(1, -1);
  switch (kind) {
    case "quoted":
      return unquote(inside, '"');
    case "raw":
      // Docker reads its escapes before it parses; in double quotes they mean the same anyway.
      return hasEscapes ? readEscapes(inside) : inside;
    case "character":
      return parseCharacter(inside);
    default:
      return parseNumber(text);
  }
}

/** Reads what stands between quotes; `quote` is the one that may be escaped. */
function unquote(text: string, quote: string): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [whole, hex, octal, short, long, simple] of text.matchAll(ESCAPE)) {
    const byte = simple === quote ? quote.charCodeAt(0) : SIMPLE[simple ?? ""];
    const code = short ?? long;
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else if (octal !== undefined && parseInt(octal, 8) < 256) bytes.push(parseInt(octal, 8));
    else if (code !== undefined) bytes.push(...encoder.encode(codePoint(whole, parseInt(code, 16))));
    else if (byte !== undefined) bytes.push(byte);
    else if (!whole.startsWith("\\")) bytes.push(...encoder.encode(whole));
    else {throw new Fault(
        `${whole} is no escape`,
        `Write \\\\ for a backslash, or the text in \`back quotes\``,
      );}
  }
  return decode(bytes);
}

function codePoint(escape: string, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Fault(`${escape} is no character`);
  return String.fromCodePoint(code);
}

function decode(bytes: readonly number[]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new Uint8Array(bytes));
  } catch {
    throw new Fault("its bytes are no UTF-8");
  }
}

/** Reads `'a'`, which is the number of the character. */
function parseCharacter(inside: string): bigint {
  const [character, ...more] = unquote(inside, "'");
  if (character === undefined || more.length > 0) throw new Fault("it is not one character");
  return BigInt(character.codePointAt(0) ?? 0);
}

const INTEGER = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/;
const DECIMAL =
  /^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]{1,4})$/;

function parseNumber(text: string): bigint | Float {
  const integer = INTEGER.exec(text);
  if (integer !== null) return parseInteger(integer[1] === "-", integer[2] ?? "");
  const hexadecimal = HEXADECIMAL.exec(text);
  const value = hexadecimal === null ? parseDecimal(text) : parseHexadecimal(hexadecimal);
  if (!Number.isFinite(value)) throw new Fault("it is out of range");
  return new Float(value);
}

function parseInteger(isNegative: boolean, written: string): bigint {
  const digits = written.replaceAll("_", "").replace(/^0(?=[0-7])/, "0o");
  const value = BigInt(digits) * (isNegative ? -1n : 1n);
  if (BigInt.asIntN(64, value) !== value) throw new Fault(`it does not fit into 64 bits`);
  return value;
}

function parseDecimal(text: string): number {
  // A whole number that got here has a digit that its base has not, as 089.
  if (!DECIMAL.test(text) || !/[.eE]/.test(text)) {
    throw new Fault(
      "it is no number",
      text.endsWith("i") ? "Leave out i: there are no complex numbers" : undefined,
    );
  }
  return Number(text.replaceAll("_", ""));
}

function parseHexadecimal([text, sign, whole = "", fraction = "", exponent]: RegExpExecArray): number {
  if (whole + fraction === "") throw new Fault(`${text} is no number`);
  const mantissa = Number(`0x${whole}${fraction}`);
  return mantissa * 2 ** (Number(exponent) - 4 * fraction.length) * (sign === "-" ? -1 : 1);
}
