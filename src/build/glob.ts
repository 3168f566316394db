/** Patterns of a shell, as `${name#pattern}` has them: `*`, `?`, and characters. Pure. */

/** One part of a pattern: any text, any character, or that one. */
export type GlobPart = { readonly any: "text" | "character" } | { readonly character: string };

export type Glob = readonly GlobPart[];

/** Reads a pattern; the escape character makes the next one an ordinary character. */
export function parseGlob(text: string, escape: string): Glob {
  const parts: GlobPart[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === escape && at + 1 < characters.length) parts.push({ character: characters[++at]! });
    else if (character === "*") parts.push({ any: "text" });
    else parts.push(character === "?" ? { any: "character" } : { character });
  }
  return parts;
}

/**
 * Gives all lengths of texts from `from` on that fit, in order. All ways are followed at the same time, so that no pattern
 * takes longer than its length by that of the text.
 */
export function endLengths(glob: Glob, text: readonly string[], from: number): readonly number[] {
  const lengths: number[] = [];
  let states = new Set<number>();
  addState(glob, states, 0);
  for (let at = from; states.size > 0; at++) {
    if (states.has(glob.length)) lengths.push(at - from);
    const character = text[at];
    if (character === undefined) break;
    const next = new Set<number>();
    for (const state of states) {
      const part = glob[state];
      if (part === undefined) continue;
      if ("character" in part) {
        if (part.character === character) addState(glob, next, state + 1);
      } else addState(glob, next, part.any === "text" ? state : state + 1);
    }
    states = next;
  }
  return lengths;
}

/** A place in the pattern, and those behind it that need no character. */
function addState(glob: Glob, states: Set<number>, state: number): void {
  for (let at = state;; at++) {
    if (states.has(at)) return;
    states.add(at);
    const part = glob[at];
    if (part === undefined || !("any" in part) || part.any !== "text") return;
  }
}
