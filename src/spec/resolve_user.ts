/** Finds out who a user is in a root's /etc/passwd and /etc/group, neither of which is trusted. Pure. */

import { CtrError } from "../errors.ts";
import { maybeId } from "./parse_id.ts";
import { parseUser } from "./parse_user.ts";

/** Who a process runs as. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; when the group was named, that one alone. */
  readonly groups: readonly number[];
  /** Absolute, without control characters. */
  readonly home: string;
  /** Absent when no line of passwd has the uid. */
  readonly name?: string;
}

/** What {@link resolveUser} searches: the text of the two files, empty where there is none. */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** More than any real user has; the answer to the container's process has room for this many. */
const GROUPS_MAX = 256;
const HOME_MAX_BYTES = 1024;

/**
 * Resolves what -u names. The first line that fits wins. A number is always an id, and needs no line: its group
 * is 0 and its home `/` then. Lines that are no passwd(5) or group(5) are skipped.
 *
 * @throws {CtrError} code "usage" for a malformed text, "not_found" for an unknown name, "unsupported" for a user
 * with more than 256 groups
 */
export function resolveUser(userText: string, files: UserFiles): ResolvedUser {
  const request = parseUser(userText);
  const line = findUser(request.user, files.passwd);
  const uid = line?.uid ?? idOf(request.user, { kind: "user", file: "/etc/passwd" });
  const home = line?.home ?? "/";
  const name = line === undefined ? {} : { name: line.name };
  if (request.group !== undefined) {
    const { group } = request;
    const gid = findGroup(group, files.group)?.gid ?? idOf(group, { kind: "group", file: "/etc/group" });
    return { uid, gid, groups: [gid], home, ...name };
  }
  const gid = line?.gid ?? 0;
  return { uid, gid, groups: groupsOf({ name: line?.name, gid }, files.group), home, ...name };
}

/**
 * Resolves what --group-add names. A number needs no line.
 *
 * @throws {CtrError} code "not_found" for an unknown name
 */
export function resolveGroups(names: readonly string[], group: string): readonly number[] {
  return names.map((name) => {
    const who = maybeId(name) ?? name;
    return findGroup(who, group)?.gid ?? idOf(who, { kind: "group", file: "/etc/group" });
  });
}

function findUser(user: string | number, passwd: string): PasswdLine | undefined {
  return parsePasswd(passwd).find(({ name, uid }) => typeof user === "number" ? uid === user : name === user);
}

function findGroup(group: string | number, text: string): GroupLine | undefined {
  return parseGroup(text).find(({ name, gid }) => typeof group === "number" ? gid === group : name === group);
}

function idOf(
  who: string | number,
  { kind, file }: { readonly kind: string; readonly file: string },
): number {
  if (typeof who === "number") return who;
  throw new CtrError(
    "not_found",
    `Cannot find ${kind} ${JSON.stringify(who)}: ${file} of the container has none`,
    {
      hint: `Give the ${kind} as a number, or one that is in ${file}`,
    },
  );
}

/** The primary group is among them, or a program in the container could shed it: CVE-2022-36109, CVE-2022-2989. */
function groupsOf(
  user: { readonly name: string | undefined; readonly gid: number },
  group: string,
): readonly number[] {
  const { name, gid: primary } = user;
  if (name === undefined) return [primary];
  const gids = new Set([primary]);
  for (const { gid, members } of parseGroup(group)) {
    if (members.includes(name)) gids.add(gid);
  }
  if (gids.size <= GROUPS_MAX) return [...gids];
  throw new CtrError(
    "unsupported",
    `Cannot run as user ${JSON.stringify(name)}: there are more than ${GROUPS_MAX} supplementary groups`,
    { hint: "Name one group: --user USER:GROUP" },
  );
}

function parsePasswd(text: string): readonly PasswdLine[] {
  return fieldLines(text).flatMap(
    ([name = "", _password, uidText = "", gidText = "", _comment, home = ""]) => {
      const uid = maybeId(uidText);
      const gid = maybeId(gidText);
      if (!isName(name) || uid === undefined || gid === undefined) return [];
      return [{ name, uid, gid, home: isHome(home) ? home : "/" }];
    },
  );
}

function parseGroup(text: string): readonly GroupLine[] {
  return fieldLines(text).flatMap(([name = "", _password, gidText = "", members = ""]) => {
    const gid = maybeId(gidText);
    if (!isName(name) || gid === undefined) return [];
    return [{ name, gid, members: members.split(",") }];
  });
}

function fieldLines(text: string): readonly (readonly string[])[] {
  return text.split("\n").map((line) => line.trim().split(":"));
}

function isName(name: string): boolean {
  return name !== "" && !hasControl(name);
}

function isHome(home: string): boolean {
  return home.startsWith("/") && !hasControl(home) && new TextEncoder().encode(home).length <= HOME_MAX_BYTES;
}

function hasControl(text: string): boolean {
  return /\p{Cc}|[\u2028\u2029]/u.test(text);
}
