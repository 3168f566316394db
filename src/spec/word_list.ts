/** Reads a list of words in JSON, as commands are written in Dockerfiles and behind flags. Pure. */

/** Gives the words; undefined for whatever else it is. */
export function maybeWordList(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
