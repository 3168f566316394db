/** Patterns of names as path.Match of Go has them: `*`, `?`, `[a-z]`, `\` before a character. Pure. */

const TOKENS = /\*+|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|[^*?[\\]|./gsu;

/** Gives the source of an expression for one part of a path. `stars`: what two of them in a row stand for. */
export function patternSource(part: string, { stars = "[^/]*" }: { readonly stars?: string } = {}): string {
  return part.replaceAll(TOKENS, (found, not, set, escaped) => {
    if (found === "**") return stars;
    if (found.startsWith("*")) return "[^/]*";
    if (found === "?") return "[^/]";
    if (set !== undefined) return `[${not}${set.replaceAll(/\\(.)|([[\]^])/g, "\\$1$2")}]`;
    return RegExp.escape(escaped ?? found);
  });
}

/** Whether a text is more than a name. */
export function isPattern(text: string): boolean {
  return /[*?[\\]/.test(text);
}

/** The pattern that a path alone fits. */
export function escapePattern(path: string): string {
  return path.replaceAll(/[*?[\\]/g, "\\$&");
}
