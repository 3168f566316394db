/** Which paths of a container are hidden or read-only: the defaults, less --security-opt unmask, plus mask. Pure. */

import { CtrError } from "../errors.ts";
import { isAtOrBelow } from "./clean_path.ts";
import { MASKED_PATHS, READONLY_PATHS } from "./default_profile.ts";
import { ALL_PATHS } from "./parse_security_opt.ts";
import type { RunRequest } from "./request.ts";

/** As the OCI names them. */
export interface SystemPaths {
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

type PathRequest = Pick<RunRequest, "privileged" | "maskedPaths" | "unmaskedPaths">;

/**
 * Chooses the paths. With --privileged none is hidden but what --security-opt mask names.
 *
 * @throws {CtrError} code "usage" where unmask names a path that is neither hidden nor read-only
 */
export function chooseSystemPaths(
  { privileged, maskedPaths = [], unmaskedPaths = [] }: PathRequest,
  ofThisMachine: readonly string[],
): SystemPaths {
  const hidden = [...MASKED_PATHS, ...ofThisMachine];
  const shows = unmaskedPaths.map((path) => showing(path, [...hidden, ...READONLY_PATHS]));
  const left = (paths: readonly string[]) =>
    privileged ? [] : paths.filter((path) => !shows.some((isShown) => isShown(path)));
  const masked = [...new Set([...left(hidden), ...maskedPaths])];
  return {
    // What is below a hidden directory is hidden with it, and no longer there to be mounted on.
    maskedPaths: masked.filter((path) => !masked.some((top) => top !== path && isAtOrBelow(path, top))),
    readonlyPaths: left(READONLY_PATHS),
  };
}

/** Tells the paths that one word of unmask shows: itself, or what a pattern with * and ? fits. */
function showing(pattern: string, known: readonly string[]): (path: string) => boolean {
  if (pattern === ALL_PATHS) return () => true;
  const parts = pattern.split(/([*?])/).map((part) =>
    part === "*" ? "[^/]*" : part === "?" ? "[^/]" : RegExp.escape(part)
  );
  const form = new RegExp(`^${parts.join("")}$`);
  if (known.some((path) => form.test(path))) return (path) => form.test(path);
  throw new CtrError(
    "usage",
    `Cannot unmask ${JSON.stringify(pattern)}: it is neither hidden nor read-only`,
    {
      hint: `Choose from ${known.join(" ")}, or write ALL`,
    },
  );
}
