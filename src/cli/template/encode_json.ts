/** Writes a value as docker's `json` does: compact, keys of maps sorted, HTML characters as they are. Pure. */

import { fieldsOf, sortedEntries, valueOf } from "./values.ts";

/** Writes the value; an object's field without a value is left out, elsewhere nothing is `null`. */
export function encodeJson(given: unknown): string {
  const value = valueOf(given);
  switch (value.kind) {
    case "nothing":
    case "method":
      return "null";
    case "string":
      // Go escapes these two always: they end a line in old JavaScript.
      return JSON.stringify(value.value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
    case "list":
      return `[${value.value.map(encodeJson).join(",")}]`;
    case "map":
      return encodeObject(sortedEntries(value.value));
    case "struct":
      return encodeObject(fieldsOf(value.value).filter(([, field]) => field !== undefined));
    default:
      return String(value.value);
  }
}

function encodeObject(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${encodeJson(key)}:${encodeJson(value)}`).join(",")}}`;
}
