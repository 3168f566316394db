/** Lists the tags of a repository. Source: OCI distribution-spec 1.1, "Listing Tags". */

import { isTag } from "../reference.ts";
import { readText } from "./body.ts";
import type { RegistryClient } from "./client.ts";
import { protocolError } from "./errors.ts";

const MAX_PAGE = 4 * 1024 * 1024;
/** A registry that has more of them goes round in a circle, or means no good. */
const MAX_TAGS = 100_000;

/** Fetches all pages; `what` follows "Cannot". @throws {CtrError} where there is no such repository, or the answer is none */
export async function fetchTags(
  client: RegistryClient,
  repository: string,
  what: string,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  const seen = new Set<string>();
  for (let path: string | undefined = `/v2/${repository}/tags/list`; path !== undefined;) {
    if (seen.has(path) || tags.size > MAX_TAGS) {
      throw protocolError(what, client.registry, "lists tags without end");
    }
    seen.add(path);
    const response = await client.ask({ path, scope: `repository:${repository}:pull`, what });
    const text = await readText(response, MAX_PAGE).catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
      throw protocolError(what, client.registry, `gives a list of ${error.message}`);
    });
    const page = parsePage(text);
    if (page === undefined) throw protocolError(what, client.registry, "gives no list of tags");
    for (const tag of page) tags.add(tag);
    path = nextOf(response.headers.get("link"));
  }
  return [...tags];
}

/** Reads a page; undefined where it is none. A repository that has lost its last tag may say null. */
function parsePage(text: string): readonly string[] | undefined {
  let tags: unknown;
  try {
    ({ tags } = Object(JSON.parse(text)) as { tags?: unknown });
  } catch {
    return undefined;
  }
  if (tags === null) return [];
  if (!Array.isArray(tags)) return undefined;
  return tags.every((tag) => typeof tag === "string" && isTag(tag)) ? tags : undefined;
}

/** The address of the next page. Source: RFC 8288, section 3. */
function nextOf(link: string | null): string | undefined {
  return /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? "")?.[1];
}
