/** The functions that a template can call: Go's, and docker's. Pure. */

import { compare, isEqual } from "./compare.ts";
import { encodeJson } from "./encode_json.ts";
import { escapeHtml, escapeJs, escapeUrlQuery } from "./escape.ts";
import { formatAll, formatPlain } from "./format_value.ts";
import { decodeWhole, indexValue, lengthOf, sliceValue } from "./index_value.ts";
import { printf } from "./printf.ts";
import { Fault } from "./template_error.ts";
import { isTrue } from "./values.ts";

/** What an argument must be. */
export type Parameter = "any" | "string" | "int" | "texts";

/** A function. */
export interface TemplateFunction {
  /** How it is written, for hints. */
  readonly usage: string;
  readonly parameters: readonly Parameter[];
  /** What further arguments must be; none where there can be none. */
  readonly rest?: Parameter;
  /** Arguments are checked before; @throws {Fault} for what can't be done with them */
  // deno-lint-ignore no-explicit-any -- each function takes what its parameters say
  readonly call: (...given: any[]) => unknown;
  /** Whether further arguments are evaluated only while those before are so: `and` true, `or` false. */
  readonly goesOnWhile?: boolean;
}

/** Functions by name. */
export type Functions = Readonly<Record<string, TemplateFunction>>;

const GO: Functions = {
  and: { usage: "and A B", parameters: ["any"], rest: "any", call: lastOf, goesOnWhile: true },
  or: { usage: "or A B", parameters: ["any"], rest: "any", call: lastOf, goesOnWhile: false },
  not: { usage: "not A", parameters: ["any"], call: (value: unknown) => !isTrue(value) },
  eq: {
    usage: "eq A B",
    parameters: ["any"],
    rest: "any",
    call: (value: unknown, ...others) => isEqual(value, others),
  },
  ne: { usage: "ne A B", parameters: ["any", "any"], call: (a: unknown, b: unknown) => !isEqual(a, [b]) },
  lt: { usage: "lt A B", parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) < 0 },
  le: { usage: "le A B", parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) <= 0 },
  gt: { usage: "gt A B", parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) > 0 },
  ge: { usage: "ge A B", parameters: ["any", "any"], call: (a: unknown, b: unknown) => compare(a, b) >= 0 },
  index: {
    usage: "index LIST 0",
    parameters: ["any"],
    rest: "any",
    call: (value: unknown, ...indices) => indexValue(value, indices),
  },
  slice: {
    usage: "slice LIST 0 1",
    parameters: ["any"],
    rest: "any",
    call: (value: unknown, ...indices) => sliceValue(value, indices),
  },
  len: { usage: "len LIST", parameters: ["any"], call: lengthOf },
  print: { usage: "print A B", parameters: [], rest: "any", call: (...values) => formatAll(values) },
  println: {
    usage: "println A",
    parameters: [],
    rest: "any",
    call: (...values) => `${values.map(formatPlain).join(" ")}\n`,
  },
  printf: {
    usage: 'printf "%s" A',
    parameters: ["string"],
    rest: "any",
    call: (format: string, ...values) => printf(format, values),
  },
  html: { usage: "html A", parameters: [], rest: "any", call: (...values) => escapeHtml(joinShown(values)) },
  js: { usage: "js A", parameters: [], rest: "any", call: (...values) => escapeJs(joinShown(values)) },
  urlquery: {
    usage: "urlquery A",
    parameters: [],
    rest: "any",
    call: (...values) => escapeUrlQuery(joinShown(values)),
  },
};

const DOCKER: Functions = {
  json: { usage: "json A", parameters: ["any"], call: encodeJson },
  split: { usage: 'split A ","', parameters: ["string", "string"], call: split },
  join: {
    usage: 'join LIST ","',
    parameters: ["texts", "string"],
    call: (texts: readonly string[], by: string) => texts.join(by),
  },
  lower: {
    usage: "lower A",
    parameters: ["string"],
    call: (text: string) => mapLetters(text, (each) => each.toLowerCase()),
  },
  upper: {
    usage: "upper A",
    parameters: ["string"],
    call: (text: string) => mapLetters(text, (each) => each.toUpperCase()),
  },
  title: { usage: "title A", parameters: ["string"], call: title },
  pad: { usage: "pad A 1 1", parameters: ["string", "int", "int"], call: pad },
  truncate: { usage: "truncate A 12", parameters: ["string", "int"], call: truncate },
};

/** All of them. */
export const FUNCTIONS: Functions = { ...GO, ...DOCKER };

/** Those for the header of a table: docker keeps the titles as they are, but for `pad`, which aligns them. */
export const HEADER_FUNCTIONS: Functions = {
  ...FUNCTIONS,
  json: keep(["any"]),
  split: keep(["any", "string"]),
  join: keep(["any", "string"]),
  lower: keep(["any"]),
  upper: keep(["any"]),
  title: keep(["any"]),
  truncate: keep(["any", "int"]),
};

function keep(parameters: readonly Parameter[]): TemplateFunction {
  return { usage: "", parameters, call: (title: string) => title };
}

function lastOf(...values: readonly unknown[]): unknown {
  return values.at(-1);
}

/** Joins what `html` and its like escape; nothing shows as in `{{.}}`, not as in `{{print .}}`. */
function joinShown(values: readonly unknown[]): string {
  return formatAll(values.map((value) => value === undefined ? "<no value>" : value));
}

function split(text: string, by: string): readonly string[] {
  return by === "" ? [...text] : text.split(by);
}

/** Changes letter by letter: Go leaves one where the other case has several, as of ß. */
function mapLetters(text: string, change: (letter: string) => string): string {
  return [...text].map((letter) => {
    const changed = change(letter);
    return [...changed].length === 1 ? changed : letter;
  }).join("");
}

/** Makes the first letter of each word a capital. */
function title(text: string): string {
  return text.replace(
    /(?<![\p{L}\p{Nd}_]|[^\p{ASCII}\s])\p{L}/gu,
    (letter) => mapLetters(letter, (each) => each.toUpperCase()),
  );
}

/** The longest text that a template can make of nothing. */
const MAX_PADDING = 10_000n;

function pad(text: string, before: bigint, behind: bigint): string {
  if ([before, behind].some((width) => width < 0n || width > MAX_PADDING)) {
    throw new Fault(`a width is between 0 and ${MAX_PADDING}`);
  }
  return text === "" ? "" : " ".repeat(Number(before)) + text + " ".repeat(Number(behind));
}

/** Cuts to so many bytes. */
function truncate(text: string, length: bigint): string {
  if (length < 0n) throw new Fault(`the length ${length} is below 0`);
  const bytes = new TextEncoder().encode(text);
  return BigInt(bytes.length) < length ? text : decodeWhole(bytes.subarray(0, Number(length)));
}
