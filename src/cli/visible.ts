/** Makes texts that others wrote safe to show on a terminal. Pure. */

/** Escapes control and format characters: they could move the cursor, or look like another line of ours. */
export function visible(text: string): string {
  // Almost all texts are so, and a pattern without classes is fast where V8 has no compiler.
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
