/** Writes words so that a shell reads them back as they are. Pure. */

/** Quotes a word where a shell would read more into it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line of several words. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
