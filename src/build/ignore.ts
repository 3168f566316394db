/** What of a context is left out: .containerignore and .dockerignore. Pure. Source: docs.docker.com, "Build context". */

import { cleanPath } from "../spec/clean_path.ts";
import { patternSource } from "../spec/name_pattern.ts";

/** One line: a pattern, or with `!` what is there all the same. */
interface Rule {
  readonly pattern: RegExp;
  readonly isException: boolean;
}

/** Tells whether a path of the context, without a slash at its beginning, is left out. */
export type Ignore = (path: string) => boolean;

/** Reads such a file. A pattern means what it fits and all below that; the last one that fits counts. */
export function parseIgnore(text: string): Ignore {
  const rules = text.replace(/^\uFEFF/, "").split(/\r?\n/).flatMap(parseRule);
  if (rules.length === 0) return () => false;
  return (path) => {
    const upTo = ancestors(path);
    const last = rules.findLast(({ pattern }) => upTo.some((each) => pattern.test(each)));
    return last !== undefined && !last.isException;
  };
}

function parseRule(line: string): readonly Rule[] {
  if (line.startsWith("#")) return [];
  const isException = line.trimStart().startsWith("!");
  const typed = line.trim().slice(isException ? 1 : 0).trim();
  const path = cleanPath(typed);
  return path === "/" ? [] : [{ pattern: expressionOf(path.slice(1).split("/")), isException }];
}

function expressionOf(parts: readonly string[]): RegExp {
  const [first = "", ...rest] = parts.map((part) =>
    part === "**" ? "**" : patternSource(part, { stars: ".*" })
  );
  let source = first === "**" ? (rest.length === 0 ? ".*" : "(?:.*/)?") : first;
  let isOpen = first === "**";
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    if (part === "**") source += isLast ? (isOpen ? ".*" : "/.*") : (isOpen ? "(?:.*/)?" : "/(?:.*/)?");
    else source += isOpen ? part : `/${part}`;
    isOpen = part === "**";
  }
  return new RegExp(`^${source}$`, "su");
}

/** The path and every directory that it is in. */
function ancestors(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
