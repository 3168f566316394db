/** Parses `-u`: `[USER][:GROUP]`, each a name or a number. Pure. */

import { CtrError } from "../errors.ts";
import { isDigits, maybeId } from "./parse_id.ts";

/** Who a process runs as, as typed: a number is an id, also where a user has that name. */
export interface UserRequest {
  readonly user: string | number;
  readonly group?: string | number;
}

/** A name that passwd(5) could hold; the first character keeps `-1` and `+1` from being names. */
// deno-lint-ignore no-control-regex
const NAME = /^[^\x00-\x20\x7f:,/+-][^\x00-\x20\x7f:,/]{0,255}$/;

/**
 * Parses `user`, `uid`, `user:group`, `uid:gid`, `user:gid`, `uid:group` and `:group` (which is `0:group`).
 *
 * @throws {CtrError} code "usage"
 */
export function parseUser(text: string): UserRequest {
  const colon = text.indexOf(":");
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? undefined : text.slice(colon + 1);
  return {
    user: user === "" && group !== undefined ? 0 : parseWho(user, text),
    ...(group !== undefined && { group: parseWho(group, text) }),
  };
}

/** Checks the form alone, and leaves the text: who that is, only the container's own files tell. */
export function checkUser(text: string): string {
  parseUser(text);
  return text;
}

function parseWho(word: string, text: string): string | number {
  const id = maybeId(word);
  if (id !== undefined) return id;
  const problem = isDigits(word)
    ? `the id ${word.slice(0, 32)} is beyond 4294967294`
    : NAME.test(word)
    ? undefined
    : word === ""
    ? "a name is empty"
    : "it is no valid name";
  if (problem === undefined) return word;
  throw new CtrError("usage", `Cannot run as user ${JSON.stringify(text)}: ${problem}`, {
    hint: "Write USER, USER:GROUP or :GROUP; each is a name or a number",
  });
}
