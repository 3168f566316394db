/** A long list, a part at a time. Pure. Source: OCI distribution-spec 1.1, "Content Discovery". */

import { Refusal } from "./refusal.ts";

/** A part of a list, and the header that says where the next one is. */
export interface Page {
  readonly words: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Gives the part that a URL asks for by `n` and `last`. @throws {Refusal} */
export function pageOf(words: readonly string[], { pathname, searchParams }: URL): Page {
  const asked = searchParams.get("n");
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    throw new Refusal(400, "PAGINATION_NUMBER_INVALID", "n must be a whole number");
  }
  const last = searchParams.get("last") ?? "";
  const rest = [...new Set(words)].sort().filter((word) => last === "" || word > last);
  const count = asked === null ? rest.length : Number(asked);
  const page = rest.slice(0, count);
  const end = page.at(-1);
  if (end === undefined || page.length === rest.length) return { words: page, headers: {} };
  const query = new URLSearchParams({ n: String(count), last: end });
  return { words: page, headers: { link: `<${pathname}?${query}>; rel="next"` } };
}
