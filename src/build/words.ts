/** Splits what stands behind an instruction into words, which keep their quotes. Pure. */

/** A word and where it begins. */
export interface Word {
  readonly text: string;
  readonly index: number;
}

const BLANK = /\s/;

/**
 * Splits at blanks outside of quotes. The escape character keeps the next character as it is, but in single quotes; at the
 * end of the text it is left out.
 */
export function splitWords(text: string, escape: string): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (BLANK.test(text[at]!)) {
      at++;
      continue;
    }
    const end = endOfWord(text, at, escape);
    const isCut = end === text.length && endsWithEscape(text, at, escape);
    const word = text.slice(at, isCut ? end - 1 : end);
    if (word !== "") words.push({ text: word, index: at });
    at = end;
  }
  return words;
}

function endOfWord(text: string, from: number, escape: string): number {
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text[at]!;
    if (character === escape && quote !== "'") at++;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (BLANK.test(character)) return at;
  }
  return text.length;
}

/** Whether the last character is an escape character that nothing escapes. */
function endsWithEscape(text: string, from: number, escape: string): boolean {
  let count = 0;
  for (let at = text.length - 1; at >= from && text[at] === escape; at--) count++;
  return count % 2 === 1;
}
