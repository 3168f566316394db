/** Splits one line of comma separated values. Pure. Source: RFC 4180, as Go's encoding/csv reads it. */

/** Returns the fields of `text`, or undefined when its quotes are wrong. `"a,b"` is one field, `""` in it a quote. */
export function splitCsv(text: string): readonly string[] | undefined {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  let hasMore = true;
  while (hasMore) {
    const found = field.exec(text);
    if (found === null) return undefined;
    const [, quoted, bare = "", end] = found;
    fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    hasMore = end === ",";
  }
  return fields;
}
