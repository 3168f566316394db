/** Writes texts in quotes, as Go's strconv.Quote. Pure. */

const ESCAPES: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** What Go prints as it is: letters, marks, numbers, punctuation, symbols, and of the blanks only the common one. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Writes a text in double quotes. */
export function quoteText(text: string): string {
  return `"${[...text].map((character) => escapeCharacter(character, '"')).join("")}"`;
}

/** Writes a character in single quotes. */
export function quoteCharacter(character: string): string {
  return `'${escapeCharacter(character, "'")}'`;
}

/** Whether Go counts a character among those that can be printed. */
export function isPrintable(character: string): boolean {
  return PRINTABLE.test(character);
}

function escapeCharacter(character: string, quote: string): string {
  if (character === quote) return `\\${quote}`;
  const escape = ESCAPES[character];
  if (escape !== undefined) return escape;
  if (isPrintable(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x80) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
